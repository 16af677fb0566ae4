"""Holds the judge of checkpoints against vectors/checkpoints.json, and against notes signed here.

Run `python3 -m unittest` in this folder. A missing file of vectors is a failure, not a skip.
"""

import base64
import contextlib
import functools
import hashlib
import io
import itertools
import os
import pathlib
import tempfile
import unittest
from collections import namedtuple

import vouchsafe_checkpoint as c
import vouchsafe_verify as v
from test_vectors import VectorTest, document_bytes, unhex, vectors

LogHead = namedtuple("LogHead", "size root")
ZERO = bytes(32)


class Signer:
    """RFC 8032. Only for tests: not constant-time. The vectors' keys are made of such seeds too."""

    def __init__(self, seed):
        digest = hashlib.sha512(bytes([seed]) * 32).digest()
        self.scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
        self.prefix = digest[32:]
        self.public_key = encode_point(v.multiply(self.scalar, v.BASE))
        self.name = v.tagged("address", self.public_key).hex()

    @functools.cache
    def sign(self, text):
        """The 68 bytes of its line."""
        message = text.encode()
        nonce = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % v.ORDER
        commitment = encode_point(v.multiply(nonce, v.BASE))
        challenge = hashlib.sha512(commitment + self.public_key + message).digest()
        answer = (nonce + int.from_bytes(challenge, "little") * self.scalar) % v.ORDER
        return c.key_id(self.name, self.public_key) + commitment + answer.to_bytes(32, "little")


def encode_point(point):
    inverse = pow(point[2], -1, v.FIELD)
    x, y = (coordinate * inverse % v.FIELD for coordinate in point[:2])
    return (y | x % 2 << 255).to_bytes(32, "little")


def to_base64(data):
    return base64.b64encode(data).decode()


def text_of(chain_id, size, root=ZERO):
    return f"vouchsafe/{chain_id.hex()}\n{size}\n{to_base64(root)}\n"


def note_of(text, *lines):
    """Its lines are signers, or a name and what follows it."""
    lines = [(line.name, to_base64(line.sign(text))) if isinstance(line, Signer) else line for line in lines]
    return (text + "\n" + "".join(f"\u2014 {name} {rest}\n" for name, rest in lines)).encode()


def flipped(data, place, bit):
    return data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]


def refusal(action, *arguments):
    try:
        action(*arguments)
    except v.Refused as refused:
        return refused.rule
    return None


class NoteTest(VectorTest):
    @classmethod
    def setUpClass(cls):
        cls.file = vectors("checkpoints.json")
        cls.chain_id = unhex(cls.file["chain_id"])
        cls.validators = v.decode("ValidatorSet", unhex(cls.file["validators"]))
        cls.signers = [Signer(seed) for seed in range(101, 106)]
        cls.text = text_of(cls.chain_id, 2**64 - 1)
        cls.note = next(x["note"] for x in cls.file["notes"] if x["about"] == "signed by three of four").encode()

    def judge(self, data):
        checkpoint = c.read_checkpoint(data)
        c.verify_checkpoint(self.chain_id, self.validators, checkpoint)
        return checkpoint

    def assert_judged(self, rule, *lines):
        with self.subTest(lines=lines):
            self.assertEqual(refusal(self.judge, note_of(self.text, *lines)), rule)

    def test_notes(self):
        rules = {case["rule"] for case in self.file["notes"]}
        self.assertEqual(rules, {None, "Form", "Chain", "Repeated", "Signature", "Power"})
        for case in self.file["notes"]:
            with self.subTest(case["about"]):
                data = case["note"].encode()
                self.assertEqual(refusal(self.judge, data), case["rule"])
                self.assertEqual(case["counts"], case["rule"] is None)
                if case["counts"]:
                    checkpoint = self.judge(data)
                    self.assertEqual(checkpoint.root.hex(), self.file["roots"][checkpoint.size - 1])

    def test_changed(self):
        """Every bit of the text, one of each byte of the signatures, and every end: all three are needed."""
        self.judge(self.note)
        length = self.note.index(b"\n\n") + 1
        for place in range(len(self.note)):
            with self.subTest(place):
                self.assertIsNotNone(refusal(self.judge, self.note[:place]))
                for bit in range(8) if place < length else [place % 8]:
                    self.assertIsNotNone(refusal(self.judge, flipped(self.note, place, bit)))

    def test_oversized(self):
        longest = (self.note + "\u2014 w ".encode()).ljust(c.NOTE_BYTES_MAX - 1, b"A") + b"\n"
        self.assertEqual(len(longest), c.NOTE_BYTES_MAX)
        self.judge(longest)
        self.assert_refused("TooLong", self.judge, longest + b"\n")

    def test_form(self):
        """In front, at the end, and other writings of what is there, where the vectors have none."""
        text = self.note.decode()
        root = text.split("\n")[2]
        spoiled = {
            "a mark in front": "\ufeff" + text,
            "a newline in front": "\n" + text,
            "a newline at its end": text + "\n",
            "a zero byte at its end": text + "\0",
            "another note at its end": text + "\n" + text,
            "an empty line before the last": text.replace("=\n\u2014", "=\n\n\u2014"),
            "a line with a name only": text + "\u2014 witness\n",
            "a line without a name": text + "\u2014  AAAA\n",
            "a size in other digits": text.replace("\n11\n", "\n\u0661\u0661\n"),
            "a root with bits of no byte": text.replace(root, root[:-2] + "R="),
            "a root in the URL's alphabet": text.replace(root, root.replace("/", "_")),
            "a root of 31 bytes": text.replace(root, to_base64(bytes(31))),
        }
        for about, changed in spoiled.items():
            with self.subTest(about):
                self.assertNotEqual(changed, text)
                self.assert_refused("Form", self.judge, changed.encode())
        self.assert_refused("Form", self.judge, self.note + b"\xff\n")

    def test_power(self):
        first, second, third, _, stranger = self.signers
        self.assert_judged(None, third, first, second)
        self.assert_judged("Power", first, third, stranger)
        two = c.read_checkpoint(note_of(self.text, first, second))
        names = (first.name, second.name, third.name)
        members = [member for member in self.validators.members if v.address_of(member).hex() in names]
        self.assertEqual(len(members), 3)
        exactly = self.validators._replace(members=members)
        self.assert_refused("Power", c.verify_checkpoint, self.chain_id, exactly, two)
        heavy = [x._replace(power=2 if x.public_key == first.public_key else 1) for x in members]
        c.verify_checkpoint(self.chain_id, self.validators._replace(members=heavy), two)

    def test_lines(self):
        *three, fourth, stranger = self.signers
        good, other = fourth.sign(self.text), three[0].sign(self.text)
        answer = int.from_bytes(good[36:], "little") + v.ORDER
        spoiled = {
            "another key id": (flipped(good, 0, 0), "Signature"),
            "another one's key id": (other[:4] + good[4:], "Signature"),
            "another one's signature": (good[:4] + other[4:], "Signature"),
            "a signature of more": (fourth.sign(self.text + "\n"), "Signature"),
            "s + L": (good[:36] + answer.to_bytes(32, "little"), "Signature"),
            "too short": (good[:-1], "Form"),
            "too long": (good + b"\0", "Form"),
        }
        for about, (signature, rule) in spoiled.items():
            with self.subTest(about):
                rest = to_base64(signature)
                self.assert_judged(rule, *three, (fourth.name, rest))
                self.assert_judged("Form" if rule == "Form" else None, *three, (stranger.name, rest))
        rest = to_base64(good)
        for spoiled in ("", "AAA", rest + " ", rest + "\r", rest + " AAAA", rest[:-2] + "/=", " " + rest):
            self.assert_judged("Form", *three, (fourth.name, spoiled))
            self.assert_judged("Form", *three, (stranger.name, spoiled))
            for name in ("w", fourth.name.upper(), fourth.name[1:], fourth.name + "0", fourth.name + "\u2028"):
                self.assert_judged(None, *three, (name, spoiled), (name, spoiled))
        # No newline but 0x0a ends a line, of a witness or of another.
        self.assert_judged("Power", *three[:2], ("w", f"\u2028\u2014 {fourth.name} {rest}"))

    def test_many_strangers(self):
        """Only the note's length bounds them."""
        *three, _, stranger = self.signers
        self.assert_judged(None, *[stranger] * 254, *three)
        self.assert_judged("Power", *[stranger] * 254, *three[:2])
        line = len(note_of("", stranger)) - 1
        fitting = (c.NOTE_BYTES_MAX - len(note_of(self.text, *three))) // line
        self.assertGreater(fitting, 254)
        self.assert_judged(None, *three, *[stranger] * fitting)
        self.assert_judged("TooLong", *three, *[stranger] * (fitting + 1))

    def test_order(self):
        first, second, third, fourth, stranger = self.signers
        bad = to_base64(bytes(68))
        self.assert_judged("Signature", (first.name, bad))
        self.assert_judged("Signature", (first.name, bad), second, second)
        self.assert_judged("Repeated", second, second, (first.name, bad))
        self.assert_judged("Repeated", second, (second.name, bad))
        self.assert_judged(None, first, second, third, stranger, stranger)
        elsewhere = text_of(ZERO, 5)
        self.assert_refused("Chain", self.judge, note_of(elsewhere, (first.name, bad)))
        self.assert_refused("Form", self.judge, note_of(elsewhere, (first.name, "AAAA")))


def consistency_path(leaves, first, is_whole=True):
    """RFC 9162, section 2.1.4.1."""
    if first == len(leaves):
        return [] if is_whole else [v.log_root(leaves)]
    split = 2 ** ((len(leaves) - 1).bit_length() - 1)
    left, right = leaves[:split], leaves[split:]
    if first <= split:
        return consistency_path(left, first, is_whole) + [v.log_root(right)]
    return consistency_path(right, first - split, False) + [v.log_root(left)]


def consistency_bytes(first, second, path):
    numbers = ((first, 8), (second, 8), (len(path), 4))
    return b"\x01" + b"".join(number.to_bytes(size, "little") for number, size in numbers) + b"".join(path)


class ConsistencyTest(VectorTest):
    @classmethod
    def setUpClass(cls):
        cls.file = vectors("checkpoints.json")
        cls.heads = {size: LogHead(size, unhex(root)) for size, root in enumerate(cls.file["roots"], 1)}

    def judge(self, older, newer, data):
        c.verify_continues(older, newer, v.decode("ConsistencyProof", data))

    def assert_judged(self, rule, older, newer, path):
        with self.subTest(sizes=(older.size, newer.size), path=path):
            data = consistency_bytes(older.size, newer.size, path)
            self.assertEqual(refusal(self.judge, older, newer, data), rule)

    def test_proofs(self):
        pairs = []
        for case in self.file["consistency_proofs"]:
            older, newer = (self.heads[int(case[name])] for name in ("first", "second"))
            pairs.append((older.size, newer.size))
            path, data = [unhex(sibling) for sibling in case["path"]], unhex(case["bytes"])
            self.assertEqual(consistency_bytes(older.size, newer.size, path), data)
            self.judge(older, newer, data)
            self.assert_refused("TrailingBytes", self.judge, older, newer, data + b"\0")
            for place in range(len(data)):
                with self.subTest(pair=pairs[-1], place=place):
                    self.assert_refused("Malformed", self.judge, older, newer, data[:place])
                    changed = flipped(data, place, place % 8)
                    self.assertIsNotNone(refusal(self.judge, older, newer, changed))
        every = itertools.combinations_with_replacement(self.heads, 2)
        self.assertEqual(sorted(pairs), sorted(every))

    def test_refused_proofs(self):
        cases = self.file["refused_consistency_proofs"]
        rules = {case["rule"] for case in cases}
        self.assertEqual(rules, {"Sizes", "PathLength", "FirstRoot", "SecondRoot"})
        for case in cases:
            with self.subTest(case["about"]):
                proof = v.decode("ConsistencyProof", unhex(case["bytes"]))
                older = LogHead(proof.first, unhex(case["first_root"]))
                newer = LogHead(proof.second, unhex(case["second_root"]))
                self.assert_refused(case["rule"], c.verify_continues, older, newer, proof)

    def test_longer_logs(self):
        leaves = [v.log_leaf(bytes([number])) for number in range(35)]
        heads = [LogHead(size, v.log_root(leaves[:size])) for size in range(1, len(leaves) + 1)]
        for older, newer in itertools.combinations_with_replacement(heads, 2):
            path = consistency_path(leaves[: newer.size], older.size)
            self.assert_judged(None, older, newer, path)
            # The path from a power of two is climbed from the first root, which then must lead to the second.
            is_climbed = older.size < newer.size and older.size & older.size - 1 != 0
            rule = "FirstRoot" if is_climbed else "SecondRoot"
            rewritten = v.log_root([v.log_leaf(b"rewritten"), *leaves[1 : older.size]])
            self.assert_judged(rule, older._replace(root=rewritten), newer, path)
            self.assert_judged("SecondRoot", older, newer._replace(root=rewritten), path)
            for changed in [path + [ZERO], [ZERO] + path] + [path[:-1], path[1:]] * bool(path):
                self.assert_judged("PathLength", older, newer, changed)
            data = consistency_bytes(older.size, newer.size, path)
            self.assert_refused("Sizes", self.judge, older._replace(size=older.size + 1), newer, data)
            self.assert_refused("Sizes", self.judge, older, newer._replace(size=newer.size + 1), data)

    def test_limits(self):
        one, two = self.heads[1], self.heads[2]
        longest = consistency_bytes(1, 1, [ZERO] * 65)
        self.assertEqual(len(longest), v.LIMITS["ConsistencyProof"])
        self.assert_refused("PathLength", self.judge, one, one, longest)
        self.assert_refused("TooLong", self.judge, one, one, longest + b"\0")
        self.assert_refused("TooMany", self.judge, one, one, longest[:17] + b"\x42" + longest[18:])
        self.assert_refused("UnknownVersion", self.judge, one, one, b"\x02" + longest[1:])
        self.assert_judged("Sizes", two, one, [])
        for size in (0, 1):
            self.assert_judged("Sizes", LogHead(0, v.log_root([])), LogHead(size, v.log_root([])), [])
        last = LogHead(2**64 - 1, ZERO)
        for size in (1, 2, 3, 2**63, 2**64 - 3):
            self.assert_judged("PathLength", LogHead(size, ZERO), last, [])


class CommandLineTest(VectorTest):
    """A chain of proofs.json whose validators change after blocks 4 and 9."""

    @classmethod
    def setUpClass(cls):
        file = vectors("proofs.json")
        case = next(x for x in file["cases"] if x["about"] == "at height 10, four equal validators")
        document, proof = document_bytes(file["genesis"][int(case["genesis"])]), unhex(case["binary"])
        cls.chain_id = v.read_genesis(document).chain_id
        cls.files = {"genesis": document, "changes": proof, "bad": flipped(proof, 120, 0)}
        cls.files["other"] = vectors("checkpoints.json")["notes"][0]["note"].encode()
        leaves = [v.log_leaf(bytes([number])) for number in range(10)]
        before, between, after = ([Signer(x) for x in seeds] for seeds in ((21, 22, 23), (22, 25, 26, 27), (28,)))
        for size, members in ((3, before), (4, before), (5, between), (9, between), (10, after)):
            cls.files[f"note{size}"] = note_of(text_of(cls.chain_id, size, v.log_root(leaves[:size])), *members)
        cls.files["fork"] = note_of(text_of(cls.chain_id, 4), *before)
        cls.files["late"] = note_of(text_of(cls.chain_id, 5), *before)
        for first, second in ((3, 4), (3, 10)):
            path = consistency_path(leaves[:second], first)
            cls.files[f"from{first}to{second}"] = consistency_bytes(first, second, path)

    def run_on(self, *arguments):
        """Exit code and output of the program. Of its arguments, those that name a file become its path."""
        with tempfile.TemporaryDirectory() as folder:
            for name, content in self.files.items():
                pathlib.Path(folder, name).write_bytes(content)
            paths = [os.path.join(folder, x) if x in (*self.files, "missing") else x for x in arguments]
            output = io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                return c.main(paths), output.getvalue()

    def assert_code(self, code, said, *arguments, genesis="genesis"):
        found, printed = self.run_on("--genesis", genesis, *arguments)
        self.assertEqual(found, code, printed)
        self.assertIn(said, printed)

    def test_one_note(self):
        self.assert_code(0, "COUNTS: 4 blocks", "note4")
        self.assert_code(0, "COUNTS", "--chain-id", self.chain_id.hex(), "note4")
        self.assert_code(20, "REFUSED, and nothing is proven: Chain.", "--chain-id", "00" * 32, "note4")
        self.assert_code(20, "Chain", "other")
        self.assert_code(20, "Form", "genesis")
        self.assert_code(2, "REFUSED", "missing")
        self.assert_code(2, "Genesis", "note4", genesis="note4")

    def test_changes(self):
        for size in (3, 4, 5, 9, 10):
            self.assert_code(0, f"COUNTS: {size} blocks", "--changes", "changes", f"note{size}")
        self.assert_code(20, "Power", "note5")
        self.assert_code(20, "Power", "--changes", "changes", "late")
        # What this program cannot see, and says.
        self.assert_code(0, "A change of the validators", "late")
        self.assert_code(20, "OtherBlock", "--changes", "bad", "note5")

    def test_two_notes(self):
        self.assert_code(0, "CONTINUES", "--consistency", "from3to4", "note3", "note4")
        self.assert_code(0, "CONTINUES", "--changes", "changes", "--consistency", "from3to10", "note3", "note10")
        self.assert_code(0, "CONTINUES", "note4", "note4")
        self.assert_code(22, "FORK", "note4", "fork")
        self.assert_code(2, "NOT COMPARED", "note3", "note4")
        self.assert_code(20, "Sizes", "--consistency", "from3to4", "note4", "note3")
        self.assert_code(20, "SecondRoot", "--consistency", "from3to4", "note3", "fork")
        self.assert_code(20, "UnknownVersion", "--consistency", "note3", "note3", "note4")

    def test_wrong_usage(self):
        for arguments in (["note3"] * 3, ["--consistency", "from3to4", "note3"], []):
            with self.assertRaises(SystemExit) as caught:
                self.run_on("--genesis", "genesis", *arguments)
            self.assertEqual(caught.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
