"""Holds the verifier against the specification's vectors, which are the judge of both programs.

Run `python3 -m unittest` in this folder. A missing file of vectors is a failure, not a skip.
"""

import contextlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import unittest.mock

import vouchsafe_verify as v

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parents[1] / "vectors"


def vectors(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def unhex(text):
    return None if text is None else bytes.fromhex(text)


def last_name(dotted):
    return dotted.rsplit(".", 1)[-1]


def key_refusal(public_key):
    try:
        return v.require_admitted(public_key)
    except v.Refused as refused:
        return refused.rule


def hash_of(domain, structure):
    return v.tagged(domain, structure.encoding)


def document_bytes(document):
    return json.dumps(document["document"], indent=1).encode("utf-8")


class VectorTest(unittest.TestCase):
    def assert_refused(self, rule, action, *arguments):
        with self.assertRaises(v.Refused) as caught:
            action(*arguments)
        self.assertEqual(caught.exception.rule, rule)


class PrimitiveTest(VectorTest):
    def test_tags(self):
        for domain in vectors("tags.json")["domains"]:
            name = domain["tag"].removeprefix("vouchsafe-").removesuffix("-v1")
            self.assertEqual(v.tagged(name, b"").hex(), domain["of_nothing"])
            self.assertEqual(v.tagged(name, b"abc").hex(), domain["of_abc"])

    def test_signatures(self):
        file = vectors("signatures.json")
        message = v.sshsig_signed_data(unhex(file["message"]))
        self.assertEqual(message.hex(), file["sshsig_signed_data"])
        self.assertGreater(len(file["cases"]), 40)
        for case in file["cases"]:
            with self.subTest(case["about"]):
                key, signature = unhex(case["public_key"]), unhex(case["signature"])
                self.assertEqual(v.zip_215(key, message, signature), case["zip_215"])
                refused = key_refusal(key)
                self.assertEqual(refused, case["key_refused"])
                self.assertEqual(refused is None and case["zip_215"], case["ledger"])

    def test_keys_and_transactions(self):
        file = vectors("transactions.json")
        for key in file["keys"]:
            public_key = unhex(key["public_key"])
            self.assertEqual(v.read_public_key(key["openssh_line"]), public_key)
            self.assertEqual(v.fingerprint(public_key), key["fingerprint"])
            self.assertEqual(v.tagged("address", public_key).hex(), key["address"])
        chain_id = unhex(file["chain_id"])
        for case in file["transactions"]:
            transaction = v.decode("SignedTransaction", unhex(case["transaction_bytes"]))
            body = v.verify_transaction(chain_id, transaction)
            self.assertEqual(v.transaction_id(chain_id, transaction).hex(), case["transaction_id"])
            self.assertEqual(v.log_leaf(transaction.encoding).hex(), case["leaf_hash"])
            for operation, expected in zip(body.operations, case["body"]["operations"], strict=True):
                self.check_operation(operation, expected)

    def check_operation(self, operation, expected):
        self.assertEqual(operation.reason, expected.get("reason"))
        for asset, fields in zip(operation.assets, expected["assets"], strict=True):
            self.assertEqual((asset.scheme, asset.digest.hex()), (fields["scheme"], fields["digest"]))
            self.assertEqual((str(asset.size), asset.name), (fields["size_bytes"], fields["name"]))
            self.assertEqual(len(asset.attributes), len(fields["attributes"]))

    def test_logs(self):
        file = vectors("logs.json")
        leaves = [v.log_leaf(unhex(entry)) for entry in file["entries"]]
        self.assertEqual([leaf.hex() for leaf in leaves], file["leaf_hashes"])
        for root in file["roots"]:
            self.assertEqual(v.log_root(leaves[: root["size"]]).hex(), root["root"])
        for case in file["inclusion_proofs"]:
            proof = v.decode("InclusionProof", unhex(case["bytes"]))
            self.assertEqual((proof.index, proof.size), (case["index"], case["size"]))
            v.verify_inclusion(unhex(case["root"]), unhex(case["leaf_hash"]), proof)

    def test_state_trees(self):
        for tree in vectors("state_trees.json")["trees"]:
            for leaf in tree["leaves"]:
                place = v.DECODED["Leaf"](unhex(leaf["key"]), unhex(leaf["value_hash"]), b"")
                found, _ = v.leaf_place(place, 0, [(v.bits_of(place.key), place.value_hash)])
                self.assertEqual(found.hex(), leaf["leaf_hash"])
            for case in tree["proofs"]:
                with self.subTest(tree=tree["about"], proof=case["about"]):
                    self.check_state_proof(unhex(tree["root"]), case)

    def check_state_proof(self, root, case):
        data = unhex(case["bytes"])
        claims = [(unhex(claim["key"]), unhex(claim["value_hash"])) for claim in case["claims"]]
        proof = v.decode("StateProof", data)
        v.verify_state(root, claims, proof)
        for bit in range(8 * len(proof.shape)):
            changed = bytearray(proof.shape)
            changed[bit // 8] ^= 0x80 >> bit % 8
            with self.assertRaises(v.Refused):
                v.verify_state(root, claims, proof._replace(shape=bytes(changed)))


class StructureTest(VectorTest):
    def test_genesis(self):
        file = vectors("genesis.json")
        self.assertEqual(v.canonical_json(file["document"]).decode("utf-8"), file["canonical"])
        genesis = v.read_genesis(document_bytes(file))
        self.assertEqual(genesis.chain_id.hex(), file["chain_id"])
        powers = [str(member.power) for member in genesis.validators.members]
        self.assertEqual(powers, [member["power"] for member in file["document"]["validators"]])

    def test_genesis_is_strict(self):
        text = vectors("genesis.json")["canonical"]
        spoiled = {
            "unknown": text.replace('{"chain_name"', '{"x":1,"chain_name"', 1),
            "missing": text.replace('"observers":', '"observer":'),
            "repeated": text.replace('{"chain_name"', '{"version":1,"chain_name"', 1),
            "version 2": text.replace('"version":1', '"version":2'),
            "a power of null": text.replace('"power":"10"', '"power":null'),
            "a key of another kind": text.replace('"consensus_key":"ssh-ed', '"consensus_key":"ssh-eD'),
            "a number with a zero": text.replace('"power":"10"', '"power":"010"'),
            "no power": text.replace('"power":"10"', '"power":"0"'),
            "a float": text.replace('"version":1', '"version":1.0'),
            "a boolean": text.replace('"version":1', '"version":true'),
            "half a character": text.replace("Bolt", "\\ud800"),
            "no clock_ahead_max_ms": text.replace('"clock_ahead_max_ms":', '"clock_ahead_max":'),
            "a clock_ahead_max_ms of null": text.replace('"clock_ahead_max_ms":"2000"', '"clock_ahead_max_ms":null'),
            "parameters that are a list": re.sub('"parameters":{[^}]*}', '"parameters":[]', text),
            "deep": "[" * 100_000,
            "a mark in front": "\ufeff" + text,
        }
        for about, document in spoiled.items():
            with self.subTest(about):
                self.assertNotEqual(document, text)
                self.assert_refused("Genesis", v.read_genesis, document.encode("utf-8"))

    def test_records(self):
        file = vectors("records.json")
        asset = next(name for name in file["names"] if name["kind"] == "Asset")
        self.assertEqual(v.asset_key("bytes", unhex(asset["bytes"])[2:]).hex(), asset["key"])
        for case in file["events"]:
            event = v.decode("Event", unhex(case["bytes"]))
            self.assertEqual(v.log_leaf(event.encoding).hex(), case["leaf_hash"])
            names = "organization status reason height time_ms role transaction_id operation_index"
            self.assertEqual(v.show(event, names), {name: case[name] for name in names.split()})
            self.assertEqual(event.signer.hex(), case["signer"])
        records = [record for record in file["records"] if record["kind"] == "AssetRecord"]
        self.assertTrue(records)
        for case in records:
            self.check_record(v.decode("AssetRecord", unhex(case["bytes"])), case)

    def check_record(self, record, case):
        fields = case["fields"]
        self.assertEqual(hash_of("state-value", record).hex(), case["value_hash"])
        self.assertEqual(str(record.event_count), fields["events"]["count"])
        self.assertEqual(record.event_root.hex(), fields["events"]["root"])
        for entry, expected in zip(record.organizations, fields["organizations"], strict=True):
            shown = v.show(entry, "organization status reason since_height since_time_ms")
            self.assertEqual(shown, {name: expected[name] for name in shown})
            self.assertEqual(entry.signer.hex(), expected["signer"])
            act = (str(entry.event_index), entry.transaction_id.hex(), entry.operation_index)
            names = ("event_index", "transaction_id", "operation_index")
            self.assertEqual(act, tuple(expected[name] for name in names))

    def test_blocks(self):
        file = vectors("blocks.json")
        sets = {}
        for case in file["validator_sets"]:
            found = v.decode("ValidatorSet", unhex(case["bytes"]))
            sets[hash_of("validator-set", found)] = found
            self.assertEqual(hash_of("validator-set", found).hex(), case["hash"])
            self.assertEqual(str(v.total_power(found.members)), case["total_power"])
            for member, expected in zip(found.members, case["members"], strict=True):
                shown = (v.address_of(member).hex(), member.public_key.hex(), str(member.power))
                names = ("address", "public_key", "power")
                self.assertEqual(shown, tuple(expected[name] for name in names))
        for case in file["blocks"]:
            with self.subTest(case["about"]):
                self.check_block(unhex(file["chain_id"]), sets, case)

    def check_block(self, chain_id, sets, case):
        header = v.decode("Header", unhex(case["header_bytes"]))
        self.assertEqual(hash_of("block-id", header).hex(), case["block_id"])
        for name in header._fields[1:-1]:
            value, expected = getattr(header, name), case["header"][name]
            self.assertEqual(value.hex() if isinstance(value, bytes) else str(value), str(expected))
        data = unhex(case["certificate"]["bytes"])
        self.assertEqual(v.tagged("certificate", data).hex(), case["certificate"]["hash"])
        certificate = v.decode("CommitCertificate", data)
        v.verify_header(chain_id, sets[header.validators], 0, header, certificate)
        rule = (chain_id, sets[header.validators], header.height, header, certificate)
        self.assert_refused("Stale", v.verify_header, *rule)


# Checks of structures that stand in no proof file.
NOT_IN_PROOFS = {"decode " + name for name in ("Block", "SignedVote", "Evidence", "EvidenceRecord")}
NOT_IN_PROOFS.add("verify evidence")


class InvalidTest(VectorTest):
    def test_invalid(self):
        cases = vectors("invalid.json")["cases"]
        self.assertGreater(len(cases), 80)
        for case in cases:
            if case["check"] not in NOT_IN_PROOFS:
                with self.subTest(check=case["check"], about=case["about"]):
                    self.assert_refused(last_name(case["error"]), self.check, case)

    def check(self, case):
        if case["check"].startswith("decode "):
            return v.decode(case["check"].removeprefix("decode "), unhex(case["bytes"]))
        checks = {
            "read a public key": lambda: v.read_public_key(case["line"]),
            "verify a transaction": lambda: self.check_transaction(case),
            "verify a certificate": lambda: self.check_certificate(case),
            "verify a header": lambda: self.check_header(case),
            "verify inclusion": lambda: self.check_inclusion(case),
            "verify a state proof": lambda: self.check_state(case),
        }
        return checks[case["check"]]()

    def check_transaction(self, case):
        transaction = v.decode("SignedTransaction", unhex(case["transaction"]))
        v.verify_transaction(unhex(case["chain_id"]), transaction)

    def check_certificate(self, case):
        validators = v.decode("ValidatorSet", unhex(case["validators"]))
        certificate = v.decode("CommitCertificate", unhex(case["certificate"]))
        v.verify_certificate(unhex(case["chain_id"]), validators, certificate)

    def check_header(self, case):
        validators = v.decode("ValidatorSet", unhex(case["validators"]))
        header = v.decode("Header", unhex(case["header"]))
        certificate = v.decode("CommitCertificate", unhex(case["certificate"]))
        v.verify_header(unhex(case["chain_id"]), validators, 0, header, certificate)

    def check_inclusion(self, case):
        proof = v.decode("InclusionProof", unhex(case["proof"]))
        v.verify_inclusion(unhex(case["root"]), unhex(case["leaf_hash"]), proof)

    def check_state(self, case):
        claims = [(unhex(claim["key"]), unhex(claim["value_hash"])) for claim in case["claims"]]
        v.verify_state(unhex(case["root"]), claims, v.decode("StateProof", unhex(case["proof"])))


class ProofTest(VectorTest):
    @classmethod
    def setUpClass(cls):
        cls.file = vectors("proofs.json")
        cls.texts = [document_bytes(document) for document in cls.file["genesis"]]
        cls.genesis = [v.read_genesis(text) for text in cls.texts]

    def test_proofs(self):
        for case in self.file["cases"]:
            with self.subTest(case["about"]):
                genesis = self.genesis[case["genesis"]]
                self.assertEqual(v.verify_proof(genesis, unhex(case["binary"])), case["shown"])
                for text in (json.dumps(case["json"]), json.dumps(case["json"], indent="\t")):
                    self.assertEqual(v.verify_proof(genesis, text.encode()), case["shown"])

    def test_another_asset(self):
        for case in self.file["cases"]:
            genesis, data, asset = self.genesis[case["genesis"]], unhex(case["binary"]), case["shown"]["asset"]
            if asset:
                v.verify_proof(genesis, data, (asset["scheme"], unhex(asset["digest"])))
            self.assert_refused("OtherAsset", v.verify_proof, genesis, data, ("bytes", bytes(32)))

    def test_white_space(self):
        """A document is as long as it may be, and one byte longer."""
        case = self.file["cases"][0]
        genesis, text = self.genesis[case["genesis"]], json.dumps(case["json"]).encode()
        for length in (len(text) + 34_000_000, 37_748_736):
            self.assertEqual(v.verify_proof(genesis, text.ljust(length)), case["shown"])
        self.assert_refused("TooLong", v.verify_proof, genesis, text.ljust(37_748_737))

    def test_binary_form_of_json(self):
        """It is as long as it may be, and one byte longer: filled by changes, and by a transaction's body."""
        case = next(case for case in self.file["cases"] if case["shown"]["receipt"])
        genesis, header = self.genesis[case["genesis"]], case["json"]["header"]
        certificate = b"\x01" + bytes(44) + (256).to_bytes(4, "little") + bytes(256 * 96)
        change = {"header": header, "certificate": certificate.hex(), "validators": genesis.validators.encoding.hex()}
        # Of another chain, so that nothing else of it is judged.
        document = case["json"] | {"chain_id": "00" * 32, "changes": [change] * 650}
        parts = [*change.values()] * 650 + [header, document["certificate"], document["receipt"]["inclusion"]]
        # And of no part: magic, version, chain id, the count, no older header, the subject's number.
        others = sum(len(part) // 2 for part in parts) + 15 + 1 + 32 + 4 + 1 + 1
        for rule, length in (("Chain", 16_777_216), ("TooLong", 16_777_217)):
            body = bytes(length - others - 1 - 4 - 96)
            transaction = b"\x01" + len(body).to_bytes(4, "little") + body + bytes(96)
            receipt = document["receipt"] | {"transaction": transaction.hex()}
            text = json.dumps(document | {"receipt": receipt}).encode()
            self.assertLess(len(text), 37_748_736)
            self.assert_refused(rule, v.verify_proof, genesis, text)

    def test_every_byte_changed(self):
        """Of a small proof of each kind. Not of absence: such a one may well hold for another digest too."""
        by_length = sorted(self.file["cases"], key=lambda case: len(case["binary"]))
        receipt = next(case for case in by_length if case["shown"]["receipt"])
        asset = next(case for case in by_length if case["json"].get("asset", {}).get("record"))
        for case in (asset, receipt):
            text, genesis, data = self.texts[case["genesis"]], self.genesis[case["genesis"]], unhex(case["binary"])
            with unittest.mock.patch.object(v, "read_genesis", lambda _: genesis):
                self.assertNotEqual(command_line(text, data)[0], 20)
                for place in range(len(data)):
                    changed = data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]
                    with self.subTest(case["about"], place=place):
                        self.assertEqual(command_line(text, changed)[0], 20)

    def test_one_byte_changed(self):
        """Of all of them, a sample of places: one in each of the 30 parts of each file."""
        for case in self.file["cases"]:
            data = unhex(case["binary"])
            for place in range(0, len(data), len(data) // 30 + 1):
                changed = bytearray(data)
                changed[place] ^= 1
                with self.subTest(case["about"], place=place):
                    self.check_changed(self.genesis[case["genesis"]], bytes(changed))

    def check_changed(self, genesis, data):
        with self.assertRaises(v.Refused):
            v.verify_proof(genesis, data)

    def test_invalid_proofs(self):
        for case in vectors("invalid_proofs.json")["cases"]:
            with self.subTest(case["about"]):
                data = unhex(case["binary"]) if "binary" in case else case["text"].encode("utf-8")
                asset = case.get("asset")
                asked = (asset["scheme"], unhex(asset["digest"])) if asset else None
                genesis = self.genesis[case["genesis"]]
                rule = last_name(case["error"])
                self.assert_refused(rule, v.verify_proof, genesis, data, asked)

    def test_judge(self):
        case = self.file["cases"][0]
        question = {"genesis": self.texts[case["genesis"]].decode(), "proof": case["binary"], "asset": None}
        lines = [json.dumps(question), json.dumps(question | {"proof": "00"})]
        command = [sys.executable, HERE / "judge.py"]
        run = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True)
        good, bad = map(json.loads, run.stdout.splitlines())
        self.assertEqual(good, {"shown": case["shown"], "error": None})
        self.assertIsNone(bad["shown"])

    def test_command_line(self):
        codes = {"TRUSTED": 0, "UNKNOWN": 10, "UNTRUSTED": 11, "UNSUPPORTED": 12}
        for case in self.file["cases"]:
            asset = case["shown"]["asset"]
            data, genesis = unhex(case["binary"]), self.texts[case["genesis"]]
            code, printed = command_line(genesis, data)
            self.assertEqual(code, codes[asset["status"] if asset else "UNKNOWN"])
            self.assertIn("later revocation", printed)
            self.assertIn(f"height {case['shown']['height']}", printed)
        self.assertEqual(command_line(genesis, data, "--hash", "sha256:" + "00" * 32)[0], 20)
        self.assertEqual(command_line(genesis, data, "--max-age", "0")[0], 21)
        self.assertEqual(command_line(genesis, data, "--chain-id", "00" * 32)[0], 20)


def command_line(genesis, data, *arguments):
    """Exit code and output of the program over two files with these contents."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("genesis.json", "file.vouch")]
        for path, content in zip(paths, (genesis, data)):
            pathlib.Path(path).write_bytes(content)
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = v.main(["--genesis", paths[0], "--proof", paths[1], *arguments])
        return code, output.getvalue()


class AgeTest(VectorTest):
    @classmethod
    def setUpClass(cls):
        file = vectors("proofs.json")
        case = next(case for case in file["cases"] if case["about"] == "trusted")
        document = file["genesis"][case["genesis"]]
        cls.proof, cls.time_ms = unhex(case["binary"]), int(case["shown"]["time_ms"])
        cls.text, cls.genesis = document_bytes(document), v.read_genesis(document_bytes(document))

    def run_at(self, age_ms, *arguments):
        """Exit code and output of the program when the proof is so old by its clock."""
        now = 1_000_000 * (self.time_ms + age_ms)
        with unittest.mock.patch("time.time_ns", lambda: now):
            return command_line(self.text, self.proof, *arguments)

    def test_slow_clock(self):
        day = -86_400_000
        code, printed = self.run_at(day, "--max-age", "60")
        self.assertEqual(code, 21)
        self.assertIn("86400.0 s ahead of this machine's clock, which hides how old it is: set the clock.", printed)
        self.assertIn('"error": "Future"', self.run_at(day, "--max-age", "60", "--json")[1])
        code, printed = self.run_at(day)
        self.assertEqual(code, 0)
        self.assertIn("86400 s ahead of this clock.", printed)

    def test_ages(self):
        codes = {60_000: 0, 60_001: 21, 0: 0, -10_000: 0, -10_001: 21}
        self.assertEqual({age: self.run_at(age, "--max-age", "60")[0] for age in codes}, codes)

    def rule_of(self, age_ms, age_max_ms, clock_ahead_max_ms=2_000):
        try:
            return v.check_age(self.genesis._replace(clock_ahead_max_ms=clock_ahead_max_ms), age_ms, age_max_ms)
        except v.Refused as refused:
            return refused.rule

    def test_bounds(self):
        """A proof may be ahead by 10 s, or what the chain lets pass if that is more; at most by the age allowed."""
        self.assertEqual(self.genesis.clock_ahead_max_ms, 2_000)
        for bounds in ((60_000,), (1_000,), (0,), (60_000, 30_000), (20_000, 30_000), (10_000_000, 100)):
            ahead_ms = min(bounds[0], max([10_000, *bounds[1:]]))
            ages = (bounds[0], bounds[0] + 1, -ahead_ms, -ahead_ms - 1)
            with self.subTest(bounds):
                self.assertEqual([self.rule_of(age, *bounds) for age in ages], [None, "Age", None, "Future"])


class CommandLineTest(VectorTest):
    def test_refusals_are_sentences(self):
        genesis = document_bytes(vectors("genesis.json"))
        for data in (b"", b"vouch", b"{}", b"\xff", b"[" * 100_000, b'{"format": "vouchsafe-proof"}'):
            code, printed = command_line(genesis, data)
            self.assertEqual(code, 20)
            self.assertTrue(re.fullmatch(r"REFUSED, and nothing is proven: [A-Za-z]+\.\n", printed), printed)
        self.assertEqual(command_line(b"{}", b"")[0], 2)


if __name__ == "__main__":
    unittest.main()
