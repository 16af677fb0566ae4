#!/usr/bin/env python3
"""A second verifier for Vouchsafe proof files, written from docs/PROTOCOL.md alone.

It exists so that what a proof file shows does not rest on one program: it shares no code, no
library and no language with the node and its client. Where the two disagree, one of them or the
specification is wrong. Section numbers in the comments are those of docs/PROTOCOL.md. Nothing
here handles secrets, so nothing needs constant time.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import time
from collections import namedtuple

MAGIC = b"vouchsafe-proof"
GENESIS_BYTES_MAX, JSON_BYTES_MAX, JSON_DEPTH_MAX = 1_048_576, 37_748_736, 8
SCHEMES = {1: "bytes", 2: "directory", 3: "git", 4: "image", 5: "image-configuration"}
STATUSES = {0: "TRUSTED", 1: "UNTRUSTED", 2: "UNKNOWN", 3: "UNSUPPORTED"}
REASONS = {1: "COMPROMISED", 2: "DEPRECATED"}
STATUS_OF_REASON = {None: "TRUSTED", "COMPROMISED": "UNTRUSTED", "DEPRECATED": "UNSUPPORTED"}


class Refused(Exception):
    """What was read breaks a rule; `rule` is the specification's name for it."""

    def __init__(self, rule, message):
        super().__init__(message)
        self.rule = rule


def require(condition, rule, message):
    if not condition:
        raise Refused(rule, message)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tagged(domain, data):
    tag = f"vouchsafe-{domain}-v1".encode("ascii")
    return sha256(bytes([len(tag)]), tag, data)


def is_ascending(items):
    return all(first < second for first, second in zip(items, items[1:]))


# Ed25519 (section 3). Points are (X, Y, Z, T) with x = X/Z, y = Y/Z and xy = T/Z.

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, -1, FIELD) % FIELD
ROOT_OF_MINUS_ONE = pow(2, (FIELD - 1) // 4, FIELD)
IDENTITY = (0, 1, 1, 0)


def add(first, second):
    """The complete addition law: it needs no case for equal points or the identity."""
    a = (first[1] - first[0]) * (second[1] - second[0]) % FIELD
    b = (first[1] + first[0]) * (second[1] + second[0]) % FIELD
    c = 2 * first[3] * second[3] * CURVE_D % FIELD
    d = 2 * first[2] * second[2] % FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD)


def multiply(scalar, point):
    total = IDENTITY
    for bit in format(scalar, "b"):
        total = add(total, total)
        if bit == "1":
            total = add(total, point)
    return total


def is_same(first, second):
    return all((first[i] * second[2] - second[i] * first[2]) % FIELD == 0 for i in (0, 1))


def decode_point(encoding):
    """The point, or None. As ZIP-215 wants it, y may exceed the field and x = 0 may have a sign."""
    sign, y = divmod(int.from_bytes(encoding, "little"), 2**255)
    y %= FIELD
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if x * x % FIELD != square:
        x = x * ROOT_OF_MINUS_ONE % FIELD
    if x * x % FIELD != square:
        return None
    if x % 2 != sign:
        x = -x % FIELD
    return (x, y, 1, x * y % FIELD)


BASE = decode_point((4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little"))


def zip_215(public_key, message, signature):
    """Whether 8(sB - R - hA) = 0, over the encodings as they came."""
    key, commitment = decode_point(public_key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    # 8 comes last: a key with torsion has another order than h was reduced by.
    right = add(commitment, multiply(h, key))
    return is_same(multiply(8, multiply(s, BASE)), multiply(8, right))


def require_admitted(public_key):
    point = decode_point(public_key)
    require(point is not None, "NotAPoint", "a key is no point of the curve")
    small = is_same(multiply(8, point), IDENTITY)
    require(not small, "SmallOrder", "a key is of small order")
    canonical = (point[1] | point[0] % 2 << 255).to_bytes(32, "little")
    require(public_key == canonical, "NonCanonical", "a key is not in its canonical encoding")


def ssh_string(data):
    return len(data).to_bytes(4, "big") + data


def key_blob(public_key):
    return ssh_string(b"ssh-ed25519") + ssh_string(public_key)


def fingerprint(public_key):
    return "SHA256:" + base64.b64encode(sha256(key_blob(public_key))).decode().rstrip("=")


def read_public_key(line):
    """The admitted key of an OpenSSH line without a comment."""
    kind, _, text = line.partition(" ") if type(line) is str else ("", "", "")
    require(text and len(line) <= 8192, "NotAPublicKey", "this is no OpenSSH public key")
    require(kind == "ssh-ed25519", "KeyType", "only keys of the type ssh-ed25519 are used")
    try:
        public_key = base64.b64decode(text, validate=True)[-32:]
    except ValueError:
        raise Refused("Base64", "a key's base64 is damaged") from None
    written = base64.b64encode(key_blob(public_key)).decode()
    require(len(public_key) == 32 and text == written, "Framing", "a key's blob is damaged")
    require_admitted(public_key)
    return public_key


# Canonical Borsh (section 1). A kind is a structure's name, or a method of Reader and its arguments.

U8, U16, U32, U64 = (("integer", size) for size in (1, 2, 4, 8))
HASH, SIGNATURE, VERSION, ORGANIZATION = ("fixed", 32), ("fixed", 64), ("version",), ("organization",)
SCHEME, STATUS, REASON = ("enum", SCHEMES), ("enum", STATUSES), ("enum", REASONS)
ASSETS = ("list", "Asset", 1, 4096)

# Fields in their order, and the limit in bytes (section 17) of what also comes alone, which is what
# the JSON form has in hexadecimal.
STRUCTURES = {
    "Validator": (None, dict(public_key=HASH, power=U64, organization=ORGANIZATION)),
    "ValidatorSet": (20_485, dict(version=VERSION, members=("list", "Validator", 1, 256))),
    "Header": (345, dict(
        version=VERSION, chain_id=HASH, height=U64, round=U32, time_ms=U64, parent=HASH,
        history_root=HASH, transactions_root=HASH, transaction_count=U32, state_root=HASH,
        validators=HASH, next_validators=HASH, proposer=HASH, parent_certificate=HASH,
        evidence_root=HASH)),
    "Signature": (None, dict(address=HASH, signature=SIGNATURE)),
    "CommitCertificate": (24_625, dict(
        version=VERSION, height=U64, round=U32, block_id=HASH,
        signatures=("list", "Signature", 1, 256))),
    "InclusionProof": (2_069, dict(
        version=VERSION, index=U64, size=U64, path=("list", HASH, 0, 64))),
    "Leaf": (None, dict(key=HASH, value_hash=HASH)),
    "StateProof": (4_194_304, dict(
        version=VERSION, shape=("bytes", 1, 65_536), leaves=("list", "Leaf", 0, 1024),
        hashes=("list", HASH, 0, 65_536))),
    "SignedTransaction": (1_048_576, dict(
        version=VERSION, body=("bytes", 1, 1_048_475), public_key=HASH, signature=SIGNATURE)),
    "Body": (1_048_475, dict(
        version=VERSION, operations=("list", ("variant", {1: "Notarize", 2: "Revoke"}), 1, 4096),
        nonce=("fixed", 16), expiry_ms=U64)),
    "Notarize": (None, dict(assets=ASSETS, reason=("nothing",))),
    "Revoke": (None, dict(assets=ASSETS, reason=REASON)),
    "Asset": (None, dict(
        scheme=SCHEME, digest=HASH, size=U64, name=("text", 0, 255),
        attributes=("list", "Attribute", 0, 16))),
    "Attribute": (None, dict(key=("text", 1, 64), value=("text", 0, 1024))),
    "AssetRecord": (65_536, dict(
        version=VERSION, event_count=U64, event_root=HASH,
        organizations=("list", "Entry", 1, 256))),
    "Entry": (None, dict(
        organization=ORGANIZATION, status=STATUS, reason=("option", REASON), since_height=U64,
        since_time_ms=U64, event_index=U64, transaction_id=HASH, operation_index=U16,
        signer=HASH)),
    "Event": (256, dict(
        version=VERSION, transaction_id=HASH, operation_index=U16, organization=ORGANIZATION,
        signer=HASH, role=("enum", {1: "signer", 2: "admin"}), status=STATUS,
        reason=("option", REASON), height=U64, time_ms=U64)),
    "SetChange": (None, dict(
        header="Header", certificate="CommitCertificate", validators="ValidatorSet")),
    "Older": (None, dict(header="Header", inclusion="InclusionProof")),
    "AssetSubject": (None, dict(
        scheme=SCHEME, digest=HASH, record=("option", "AssetRecord"), state_proof="StateProof",
        events=("option", ("list", "Event", 0, 65_536)))),
    "Receipt": (None, dict(transaction="SignedTransaction", inclusion="InclusionProof")),
    "Proof": (16_777_216, dict(
        magic=("fixed", 15), version=VERSION, chain_id=HASH, changes=("list", "SetChange", 0, 4096),
        header="Header", certificate="CommitCertificate", older=("option", "Older"),
        subject=("variant", {1: "AssetSubject", 2: "Receipt"}))),
}
# A decoded structure has one field more: `encoding`, the bytes that it stood in.
DECODED = {name: namedtuple(name, [*fields, "encoding"]) for name, (_, fields) in STRUCTURES.items()}


class Reader:
    """Takes values off the front of bytes, and refuses what is not canonical."""

    def __init__(self, data):
        self.data, self.position = data, 0

    def read(self, kind):
        method, *arguments = ("structure", kind) if kind in STRUCTURES else kind
        return getattr(self, method)(*arguments)

    def structure(self, name):
        start = self.position
        values = [self.read(kind) for kind in STRUCTURES[name][1].values()]
        decoded = DECODED[name](*values, self.data[start : self.position])
        check_structure(name, decoded)
        return decoded

    def fixed(self, size):
        require(size <= len(self.data) - self.position, "Malformed", "the input ends early")
        self.position += size
        return self.data[self.position - size : self.position]

    def integer(self, size):
        return int.from_bytes(self.fixed(size), "little")

    def version(self):
        version = self.integer(1)
        require(version == 1, "UnknownVersion", "a version is not 1")
        return version

    def count(self, least, most):
        """Judged here, before anything of that size is read."""
        number = self.integer(4)
        require(number >= least, "TooFew", f"{number} where at least {least} must be")
        require(number <= most, "TooMany", f"{number} where at most {most} may be")
        return number

    def bytes(self, least, most):
        return self.fixed(self.count(least, most))

    def text(self, least, most):
        try:
            return self.bytes(least, most).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("Malformed", "a text is not UTF-8") from None

    def organization(self):
        name = self.text(1, 32)
        require(re.fullmatch("[a-z0-9][a-z0-9-]*", name), "Malformed", "an organization's id is none")
        return name

    def list(self, kind, least, most):
        return [self.read(kind) for _ in range(self.count(least, most))]

    def enum(self, choices):
        number = self.integer(1)
        require(number in choices, "Malformed", "a byte is no variant")
        return choices[number]

    def variant(self, kinds):
        return self.read(self.enum(kinds))

    def option(self, kind):
        return self.variant({0: ("nothing",), 1: kind})

    def nothing(self):
        return None


def check_structure(name, decoded):
    """What a structure must keep beyond its fields' kinds."""
    if name == "Asset":
        # By code points, which is the order of the texts' bytes in UTF-8.
        fits = is_ascending([attribute.key for attribute in decoded.attributes])
        require(fits, "Malformed", "an asset's attributes do not ascend")
    elif name == "AssetRecord":
        fits = is_ascending([entry.organization for entry in decoded.organizations])
        require(fits, "Malformed", "a record's organizations do not ascend")
    elif name == "ValidatorSet":
        addresses, members = [*map(address_of, decoded.members)], decoded.members
        require(len(set(addresses)) == len(members), "Malformed", "a validator is in a set twice")
        require(all(member.power for member in members), "Malformed", "a validator has no power")
        require(total_power(members) <= 2**48, "Malformed", "a set has too much power")
        require(is_ascending(addresses), "NotCanonical", "a set of validators does not ascend")


def decode(name, data):
    bytes_max = STRUCTURES[name][0]
    require(len(data) <= bytes_max, "TooLong", f"a {name} has at most {bytes_max} bytes")
    reader = Reader(data)
    decoded = reader.read(name)
    require(reader.position == len(data), "TrailingBytes", f"bytes follow a {name}")
    return decoded


# Strict JSON (sections 4 and 15).

# A string without an end matches to the end of the input, so that nothing is scanned twice.
STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)


def require_shallow(document):
    """Looks at brackets outside of strings, before anything recurses over them."""
    depth = 0
    for match in STRING_OR_BRACKET.finditer(document):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        require(depth <= JSON_DEPTH_MAX, "Json", f"nesting is deeper than {JSON_DEPTH_MAX}")


def members_once(pairs):
    members = dict(pairs)
    require(len(members) == len(pairs), "Json", "a member is repeated")
    # Python sorts such names as RFC 8785 does, which goes by UTF-16.
    require(all(name.isascii() for name in members), "Json", "a member is unknown")
    return members


def whole_number(digits):
    """Fifteen digits at most: RFC 8785 has floating numbers, which hold so many exactly."""
    require(re.fullmatch("[0-9]{1,15}", digits), "Json", "a number is no small whole number")
    return int(digits)


def read_json(data):
    hooks = {"parse_int": whole_number, "parse_float": whole_number, "parse_constant": whole_number}
    try:
        document = data.decode("utf-8")
        require_shallow(document)
        return json.loads(document, object_pairs_hook=members_once, **hooks)
    except ValueError:
        raise Refused("Json", "this is no JSON in UTF-8") from None


def require_members(value, names):
    fits = type(value) is dict and value.keys() == set(names)
    require(fits, "Json", f"this is no object of exactly {', '.join(names)}")


def require_version(value):
    require(type(value) is int, "Json", "the version is no whole number")
    require(value == 1, "UnknownVersion", "the version is not 1")


def list_bytes(items):
    return len(items).to_bytes(4, "little") + b"".join(items)


# The two forms of a proof file (section 15).


def binary_of(kind, value):
    """The bytes that the binary form has in the place of this value of the JSON form."""
    if kind in STRUCTURES and STRUCTURES[kind][0] is None:
        return binary_of_members(STRUCTURES[kind][1], value)
    if kind[0] == "option":
        return b"\x00" if value is None else b"\x01" + binary_of(kind[1], value)
    if kind[0] == "list":
        require(type(value) is list, "Json", "a list is missing")
        return list_bytes([binary_of(kind[1], item) for item in value])
    if kind == SCHEME:
        numbers = [number for number, name in SCHEMES.items() if name == value]
        require(numbers, "Json", "the scheme is unknown")
        return bytes(numbers)
    if kind == VERSION:
        require_version(value)
        return b"\x01"
    return binary_of_hex(kind, value)


def binary_of_members(kinds, value):
    require_members(value, kinds)
    return b"".join(binary_of(kind, value[name]) for name, kind in kinds.items())


def binary_of_hex(kind, value):
    try:
        data = bytes.fromhex(value)
    except (TypeError, ValueError):
        raise Refused("Json", "this is no hexadecimal text") from None
    # Python also reads capitals and white space.
    require(data.hex() == value, "Json", "this is no hexadecimal text in its one form")
    if kind == HASH:
        require(len(data) == 32, "Json", "a hash has 32 bytes")
    else:
        # By itself already here: else one part could borrow bytes from the next.
        decode(kind, data)
    return data


def binary_of_proof(document):
    require(type(document) is dict, "Json", "this is no object")
    kinds = dict(STRUCTURES["Proof"][1])
    del kinds["magic"], kinds["subject"]
    require(document.pop("format", None) == MAGIC.decode(), "Json", "the format is another")
    name, number, kind = "asset", b"\x01", "AssetSubject"
    if "receipt" in document:
        name, number, kind = "receipt", b"\x02", "Receipt"
    subject = number + binary_of(kind, document.pop(name, None))
    return MAGIC + binary_of_members(kinds, document) + subject


def decode_proof(data):
    """Either form; the first byte says which."""
    if data[:1] != MAGIC[:1]:
        require(len(data) <= JSON_BYTES_MAX, "TooLong", "the file is too long")
        data = binary_of_proof(read_json(data))
    require(data.startswith(MAGIC), "Malformed", "this is no proof file")
    return decode("Proof", data)


# Genesis (sections 4 and 14). A verifier needs the chain id and the first set of validators. All
# else is hashed and not judged: whoever pins the document trusts it.

Genesis = namedtuple("Genesis", "chain_id validators")


def genesis_validator(value):
    require_members(value, ("organization", "consensus_key", "peer_id", "power", "addresses"))
    organization, power = value["organization"], value["power"]
    # More digits than these are more than the power that a whole set may have.
    fits = type(power) is str and re.fullmatch("0|[1-9][0-9]{0,14}", power)
    require(fits, "Json", "a power is no decimal number")
    require(type(organization) is str, "Json", "an organization's id is no text")
    key, name = read_public_key(value["consensus_key"]), organization.encode("utf-8")
    return key + int(power).to_bytes(8, "little") + len(name).to_bytes(4, "little") + name


def canonical_json(document):
    """RFC 8785, of what read_json lets through: names in ASCII and small whole numbers."""
    form = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return form.encode("utf-8")


def read_genesis(data):
    try:
        require(len(data) <= GENESIS_BYTES_MAX, "TooLong", "it has more than 1 MiB")
        document = read_json(data)
        names = "version chain_name genesis_time_ms parameters organizations validators observers"
        require_members(document, names.split())
        require_version(document["version"])
        require(type(document["validators"]) is list, "Json", "validators is no list")
        members = list_bytes([genesis_validator(value) for value in document["validators"]])
        # The set's decoder judges what is common to all sets: their order, for example.
        validators = decode("ValidatorSet", b"\x01" + members)
        return Genesis(tagged("genesis", canonical_json(document)), validators)
    except (Refused, UnicodeEncodeError) as error:
        # Half a surrogate pair can be written as an escape, but has no UTF-8.
        raise Refused("Genesis", f"the genesis document is refused: {error}") from None


# Certificates and headers (sections 6 to 9 and 14).


def address_of(validator):
    return tagged("address", validator.public_key)


def total_power(validators):
    return sum(validator.power for validator in validators)


def set_hash(validators):
    return tagged("validator-set", validators.encoding)


def block_id(header):
    return tagged("block-id", header.encoding)


def precommit_preimage(chain_id, certificate, address):
    tag = b"vouchsafe-vote-v1"
    place = certificate.height.to_bytes(8, "little") + certificate.round.to_bytes(4, "little")
    fields = b"\x01\x02" + place + b"\x01" + certificate.block_id + address
    return b"\x00" + bytes([len(tag)]) + tag + chain_id + fields


def verify_certificate(chain_id, validators, certificate):
    addresses = [signed.address for signed in certificate.signatures]
    require(is_ascending(addresses), "Order", "the certificate's signatures do not ascend")
    members = {address_of(member): member for member in validators.members}
    known = members.keys() >= set(addresses)
    require(known, "UnknownValidator", "the certificate has a signature of no validator")
    power = total_power(members[address] for address in addresses)
    enough = 3 * power > 2 * total_power(validators.members)
    require(enough, "Power", "the signers do not have more than two thirds of the power")
    for signed in certificate.signatures:
        preimage = precommit_preimage(chain_id, certificate, signed.address)
        verifies = zip_215(members[signed.address].public_key, preimage, signed.signature)
        require(verifies, "Signature", "a validator's signature does not verify")


def verify_header(chain_id, validators, height_above, header, certificate):
    require(header.chain_id == chain_id, "Chain", "the header is of another chain")
    require(header.height > height_above, "Stale", "the header is not above the trusted height")
    require(header.validators == set_hash(validators), "Validators", "the header has another set")
    same = (certificate.block_id, certificate.height) == (block_id(header), header.height)
    require(same, "OtherBlock", "the certificate is of another block")
    verify_certificate(chain_id, validators, certificate)


def follow_changes(chain_id, validators, changes):
    """The set that decides after the last change, and the height above which it does."""
    height = 0
    for change in changes:
        header, new = change.header, change.validators
        verify_header(chain_id, validators, height, header, change.certificate)
        led = set_hash(new) == header.next_validators
        require(led, "NextValidators", "the header has another next set")
        require(set_hash(new) != header.validators, "NoChange", "the new set is the old one")
        validators, height = new, header.height
    return validators, height


# Logs (section 10).


def log_leaf(entry):
    return sha256(b"\x00", entry)


def log_node(left, right):
    return sha256(b"\x01", left, right)


def log_root(leaf_hashes):
    if len(leaf_hashes) < 2:
        return leaf_hashes[0] if leaf_hashes else sha256()
    split = 1 << (len(leaf_hashes) - 1).bit_length() - 1
    return log_node(log_root(leaf_hashes[:split]), log_root(leaf_hashes[split:]))


def verify_inclusion(root, leaf_hash, proof):
    require(proof.index < proof.size, "Index", "the inclusion proof's index is not below its size")
    node, last, found = proof.index, proof.size - 1, leaf_hash
    for sibling in proof.path:
        require(last != 0, "PathLength", "the inclusion proof is too long")
        if node % 2 == 1 or node == last:
            found = log_node(sibling, found)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            found = log_node(found, sibling)
        node, last = node // 2, last // 2
    require(last == 0, "PathLength", "the inclusion proof is too short")
    require(found == root, "Root", "the inclusion proof leads to another root")


# State tree (section 11).

EMPTY, TREE_TAG = bytes(32), b"vouchsafe-state-tree-v1"


def tree_leaf(key, value_hash):
    return sha256(b"\x00", TREE_TAG, key, value_hash)


def bits_of(data):
    return "".join(format(byte, "08b") for byte in data)


class StateWalk:
    """Goes over a state proof in pre-order. Claims are pairs of a key's bits and a value hash."""

    def __init__(self, proof):
        self.shape = iter(bits_of(proof.shape))
        self.leaves, self.hashes = iter(proof.leaves), iter(proof.hashes)

    def next_of(self, sequence):
        found = next(sequence, None)
        require(found is not None, "Shape", "the state proof ends early")
        return found

    def subtree(self, depth, claims):
        """The hash of the place that the claims' keys lead to, and what stands there."""
        if not claims:
            return self.unasked()
        place = self.next_of(self.shape) + self.next_of(self.shape)
        if place == "00":
            absent = all(value is None for _, value in claims)
            require(absent, "Absent", "the record is not in the state")
            return EMPTY, "EMPTY"
        if place == "01":
            return self.leaf(depth, claims)
        require(place == "10" and depth < 256, "Shape", "the state proof has no such shape")
        return self.branch(depth, claims)

    def unasked(self):
        if self.next_of(self.shape) == "0":
            return EMPTY, "EMPTY"
        found = self.next_of(self.hashes)
        require(found != EMPTY, "NotCanonical", "an empty place is in the state proof as a hash")
        return found, "HASH"

    def leaf(self, depth, claims):
        leaf = self.next_of(self.leaves)
        key = bits_of(leaf.key)
        on_path = key[:depth] == claims[0][0][:depth]
        require(on_path, "Misplaced", "a leaf of the state proof is off the path")
        for claimed_key, value in claims:
            if value is None:
                require(claimed_key != key, "Present", "there is a record in the state")
            else:
                require(claimed_key == key, "Absent", "the record is not in the state")
                require(value == leaf.value_hash, "Value", "another record is in the state")
        return tree_leaf(leaf.key, leaf.value_hash), "LEAF"

    def branch(self, depth, claims):
        sides = [[claim for claim in claims if claim[0][depth] == bit] for bit in "01"]
        (left, left_kind), (right, right_kind) = [self.subtree(depth + 1, side) for side in sides]
        lone = {left_kind, right_kind} in ({"EMPTY"}, {"EMPTY", "LEAF"})
        require(not lone, "NotCanonical", "a branch of the state has fewer than two leaves")
        return sha256(b"\x01", TREE_TAG, left, right), "BRANCH"


def verify_state(root, claims, proof):
    """Claims are pairs of a key and its value hash, or of a key and None: absent."""
    distinct = len({key for key, _ in claims}) == len(claims)
    require(distinct and 1 <= len(claims) <= 1024, "KeyCount", "1 to 1,024 keys can be asked for")
    walk = StateWalk(proof)
    found, _ = walk.subtree(0, [(bits_of(key), value) for key, value in claims])
    padding = "".join(walk.shape)
    left_over = len(padding) >= 8 or "1" in padding or [*walk.leaves, *walk.hashes]
    require(not left_over, "LeftOver", "the state proof has more than it needs")
    require(found == root, "Root", "the state proof leads to another root")


# Transactions (section 5).


def transaction_id(chain_id, transaction):
    body = len(transaction.body).to_bytes(4, "little") + transaction.body
    return tagged("transaction-id", b"\x01" + chain_id + transaction.public_key + body)


def sshsig_signed_data(message):
    parts = (b"vouchsafe-tx-v1", b"", b"sha512", hashlib.sha512(message).digest())
    return b"SSHSIG" + b"".join(map(ssh_string, parts))


def verify_transaction(chain_id, transaction):
    body = decode("Body", transaction.body)
    assets = [(asset.scheme, asset.digest) for act in body.operations for asset in act.assets]
    require(len(assets) <= 4096, "AssetCount", "the transaction names too many assets")
    require(len(set(assets)) == len(assets), "RepeatedAsset", "the transaction repeats an asset")
    require_admitted(transaction.public_key)
    signed = sshsig_signed_data(chain_id + transaction.body)
    verifies = zip_215(transaction.public_key, signed, transaction.signature)
    require(verifies, "Signature", "the transaction's signature does not verify")
    return body


# What a proof shows (sections 13, 15 and 18).

SHOWN_AS = {"signer": fingerprint, "transaction_id": bytes.hex, "digest": bytes.hex}
SHOWN_AS |= dict.fromkeys(("height", "time_ms", "since_height", "since_time_ms"), str)


def show(decoded, names):
    values = {name: getattr(decoded, name) for name in names.split()}
    return {name: SHOWN_AS.get(name, lambda same: same)(value) for name, value in values.items()}


def overall_status(entries):
    said = {entry.status for entry in entries}
    ranks = ("UNTRUSTED", "TRUSTED", "UNSUPPORTED")
    return next((status for status in ranks if status in said), "UNKNOWN")


def asset_key(scheme, digest):
    number = next(number for number, name in SCHEMES.items() if name == scheme)
    return tagged("state-key", bytes([1, number]) + digest)


def verify_asset(header, subject):
    record, events = subject.record, subject.events
    value_hash = tagged("state-value", record.encoding) if record else None
    key = asset_key(subject.scheme, subject.digest)
    verify_state(header.state_root, [(key, value_hash)], subject.state_proof)
    count, root = (record.event_count, record.event_root) if record else (0, log_root([]))
    if events is not None:
        require(len(events) == count, "IncompleteLog", "the log is not complete")
        found = log_root([log_leaf(event.encoding) for event in events])
        require(found == root, "OtherLog", "the log is not the record's")
    entries = record.organizations if record else []
    names = "organization status reason since_height since_time_ms signer"
    event_names = "organization status reason height time_ms signer role transaction_id"
    event_names += " operation_index"
    return show(subject, "scheme digest") | {
        "status": overall_status(entries),
        "event_count": str(count),
        "organizations": [show(entry, names) for entry in entries],
        "events": None if events is None else [show(event, event_names) for event in events],
    }


def verify_receipt(chain_id, header, subject):
    transaction, inclusion = subject.transaction, subject.inclusion
    body = verify_transaction(chain_id, transaction)
    fits = inclusion.size == header.transaction_count
    require(fits, "TransactionCount", "the block has another number of transactions")
    verify_inclusion(header.transactions_root, log_leaf(transaction.encoding), inclusion)
    return {
        "transaction_id": transaction_id(chain_id, transaction).hex(),
        "index": str(inclusion.index),
        "signer": fingerprint(transaction.public_key),
        "operations": [
            {
                "status": STATUS_OF_REASON[operation.reason],
                "reason": operation.reason,
                "assets": [show(asset, "scheme digest") for asset in operation.assets],
            }
            for operation in body.operations
        ],
    }


def verify_older(chain_id, header, older):
    require(older.header.chain_id == chain_id, "Chain", "the older header is of another chain")
    place = (older.inclusion.size, older.inclusion.index)
    fits = place == (header.height - 1, older.header.height - 1)
    require(fits, "OlderPlace", "the older header's proof is of another place")
    verify_inclusion(header.history_root, log_leaf(block_id(older.header)), older.inclusion)


def verify_proof(genesis, data, asset=None):
    """What the file shows, judged from a genesis document that was read already."""
    proof = decode_proof(data)
    chain_id, header, subject = genesis.chain_id, proof.header, proof.subject
    require(proof.chain_id == chain_id, "Chain", "the proof is of another chain")
    validators, height = follow_changes(chain_id, genesis.validators, proof.changes)
    verify_header(chain_id, validators, height, header, proof.certificate)
    if proof.older:
        verify_older(chain_id, header, proof.older)
        header = proof.older.header
    shown = {"chain_id": chain_id.hex(), "block_id": block_id(header).hex()}
    shown |= show(header, "height time_ms") | {"asset": None, "receipt": None}
    if isinstance(subject, DECODED["Receipt"]):
        shown["receipt"] = verify_receipt(chain_id, header, subject)
        about = [named for act in shown["receipt"]["operations"] for named in act["assets"]]
    else:
        shown["asset"] = verify_asset(header, subject)
        about = [show(subject, "scheme digest")]
    asked = asset and {"scheme": asset[0], "digest": asset[1].hex()}
    require(asset is None or asked in about, "OtherAsset", "the proof is about another asset")
    return shown


def verify(genesis_bytes, proof_bytes, asset=None):
    """What a proof file shows, or Refused. `asset` is (scheme's name, digest's 32 bytes) or None."""
    return verify_proof(read_genesis(genesis_bytes), proof_bytes, asset)


# The command line.

EXIT_CODES = {"TRUSTED": 0, "UNKNOWN": 10, "UNTRUSTED": 11, "UNSUPPORTED": 12}
EXIT_USAGE, EXIT_REFUSED, EXIT_OLD = 2, 20, 21


def matching(pattern):
    def check(argument):
        if not re.fullmatch(pattern, argument):
            raise argparse.ArgumentTypeError(f"must be of the form {pattern}")
        return argument

    return check


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description="Verify a Vouchsafe proof file without a node.")
    option, digest = parser.add_argument, "[0-9a-f]{64}"
    option("--genesis", required=True, help="the pinned genesis document")
    option("--proof", required=True, help="the proof file, in either form")
    option("--chain-id", type=matching(digest), help="refuse a genesis document of another chain")
    option("--max-age", type=matching("[0-9]{1,15}"), help="refuse what is older, in seconds")
    option("--json", action="store_true", help="print one object of JSON")
    about = parser.add_mutually_exclusive_group()
    about.add_argument("file", nargs="?", metavar="FILE", help="what the proof must be about")
    about.add_argument("--hash", type=matching("sha256:" + digest), help="the digest of FILE")
    return parser.parse_args(arguments)


def read_file(path, limit):
    """One byte more than the limit at most: enough to see that a file is too long."""
    with open(path, "rb") as file:
        return file.read(limit + 1)


def asked_asset(arguments):
    if arguments.hash:
        return "bytes", bytes.fromhex(arguments.hash.removeprefix("sha256:"))
    if arguments.file is None:
        return None
    with open(arguments.file, "rb") as file:
        return "bytes", hashlib.file_digest(file, "sha256").digest()


def describe(shown, compared):
    """Sentences of what is shown. An organization's id is plain ASCII, so all is safe to print."""
    if shown["receipt"]:
        yield f"RECEIPT: transaction {shown['receipt']['transaction_id']}"
        yield f"  signed by {shown['receipt']['signer']}"
        for operation in shown["receipt"]["operations"]:
            for named in operation["assets"]:
                yield f"  says {operation['status']} of {named['scheme']}:{named['digest']}"
        yield "A receipt shows that this was said, not what the status is."
    else:
        asset = shown["asset"]
        yield f"{asset['status']}: {asset['scheme']}:{asset['digest']}"
        for entry in asset["organizations"]:
            said = f"{entry['organization']}: {entry['status']} {entry['reason'] or ''}".rstrip()
            yield f"  {said} since height {entry['since_height']}, by {entry['signer']}"
    if not compared:
        yield "No file was compared with the proof: give FILE or --hash."


def refuse(code, message, rule, as_json):
    if as_json:
        print(json.dumps({"shown": None, "error": rule, "message": message}))
    else:
        print(f"REFUSED: {message} ({rule}).", file=sys.stderr)
    return code


def main(arguments=None):
    arguments = parse_arguments(arguments)
    code = EXIT_USAGE
    try:
        asset = asked_asset(arguments)
        genesis = read_genesis(read_file(arguments.genesis, GENESIS_BYTES_MAX))
        data = read_file(arguments.proof, JSON_BYTES_MAX)
        code = EXIT_REFUSED
        pinned = arguments.chain_id in (None, genesis.chain_id.hex())
        require(pinned, "Chain", "the genesis document is of another chain than --chain-id")
        shown = verify_proof(genesis, data, asset)
        code = EXIT_OLD
        age_ms = time.time_ns() // 1_000_000 - int(shown["time_ms"])
        young = arguments.max_age is None or age_ms <= 1000 * int(arguments.max_age)
        require(young, "Age", f"the proof is {age_ms // 1000} s old")
    except OSError as error:
        return refuse(code, f"{error.filename}: {error.strerror}", "Unreadable", arguments.json)
    except Refused as refused:
        return refuse(code, str(refused), refused.rule, arguments.json)
    if arguments.json:
        answer = {"shown": shown, "error": None, "age_ms": str(age_ms)}
        print(json.dumps(answer | {"later_revocation": "cannot be seen"}))
    else:
        print(*describe(shown, asset is not None), sep="\n")
        print(f"At height {shown['height']}, {int(shown['time_ms']) // 1000} s after 1970,", end=" ")
        print(f"{age_ms // 1000} s ago by this clock.")
        print("A later revocation cannot be seen in a proof file, nor that a newer one exists.")
    # Exit code 0 means TRUSTED and nothing else, so a receipt, which shows no status, is UNKNOWN.
    return EXIT_CODES[shown["asset"]["status"] if shown["asset"] else "UNKNOWN"]


if __name__ == "__main__":
    sys.exit(main())
