#!/usr/bin/env python3
"""A second verifier for Vouchsafe proof files, written from docs/PROTOCOL.md alone.

It shares no code, no library and no language with the node and its client. Where the two disagree,
one of them or the specification is wrong. Section numbers in the comments, and the names of rules
in refusals, are those of docs/PROTOCOL.md. Nothing here is secret, so nothing is constant-time.
"""

import argparse
import base64
import contextlib
import hashlib
import io
import json
import re
import sys
import time
from collections import namedtuple

class Refused(Exception):
    """What was read breaks a rule; `rule` is the specification's name for it."""

    def __init__(self, rule, cause=None):
        super().__init__(f"{rule}: {cause}" if cause else rule)
        self.rule = rule

def require(condition, rule):
    if not condition:
        raise Refused(rule)

@contextlib.contextmanager
def refusing(rule, *errors):
    """Makes these errors, in a block or in a whole function, a refusal by this rule."""
    try:
        yield
    except errors as error:
        raise Refused(rule, getattr(error, "rule", None)) from error

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

def tagged(domain, *parts):
    tag = f"vouchsafe-{domain}-v1".encode()
    return sha256(bytes([len(tag)]), tag, *parts)

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
    if scalar == 0:
        return IDENTITY
    half = multiply(scalar // 2, add(point, point))
    return add(half, point) if scalar % 2 == 1 else half

def is_same(first, second):
    return all((first[i] * second[2] - second[i] * first[2]) % FIELD == 0 for i in (0, 1))

def decode_point(encoding):
    """The point, or None. As ZIP-215 wants it, y may exceed the field and x = 0 may have a sign."""
    sign, y = divmod(int.from_bytes(encoding, "little"), 2**255)
    y %= FIELD
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, -1, FIELD) % FIELD
    root = pow(square, (FIELD + 3) // 8, FIELD)
    for x in (root, root * ROOT_OF_MINUS_ONE % FIELD):
        if x * x % FIELD == square:
            x = x if x % 2 == sign else -x % FIELD
            return (x, y, 1, x * y % FIELD)
    return None

BASE = decode_point((4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little"))

def zip_215(public_key, message, signature):
    """Whether 8(sB - R - hA) = 0, over the encodings as they came."""
    key, commitment = decode_point(public_key), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    right = add(commitment, multiply(h, key))
    return is_same(multiply(8, multiply(s, BASE)), multiply(8, right))

def require_admitted(public_key):
    point = decode_point(public_key)
    require(point is not None, "NotAPoint")
    require(not is_same(multiply(8, point), IDENTITY), "SmallOrder")
    canonical = (point[1] | point[0] % 2 << 255).to_bytes(32, "little")
    require(public_key == canonical, "NonCanonical")

def ssh_strings(*parts):
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

def key_blob(public_key):
    return ssh_strings(b"ssh-ed25519", public_key)

def fingerprint(public_key):
    return "SHA256:" + base64.b64encode(sha256(key_blob(public_key))).decode().rstrip("=")

def read_public_key(line):
    """The admitted key of an OpenSSH line without a comment."""
    require(type(line) is str and " " in line and len(line) <= 8192, "NotAPublicKey")
    kind, text = line.split(" ", 1)
    require(kind == "ssh-ed25519", "KeyType")
    with refusing("Base64", ValueError):
        public_key = base64.b64decode(text, validate=True)[-32:]
    # A key has one line, so it is enough to write it again.
    require(base64.b64encode(key_blob(public_key)).decode() == text, "Framing")
    require_admitted(public_key)
    return public_key

# Canonical Borsh (section 1). Each structure with its fields, each field with its kind. A number
# after the name is the limit in bytes (section 18) of a structure that also comes alone: such are
# what the JSON form has in hexadecimal. What ascends, ascends by its items' first field. The last
# two are no structures: they are what is read of a genesis document, which becomes a ValidatorSet.

TABLE = """
Validator: public_key hash, power u64, organization id
ValidatorSet 20485: version, members list 1 256 Validator
Header 345: version, chain_id hash, height u64, round u32, time_ms u64, parent hash, history_root hash,
    transactions_root hash, transaction_count u32, state_root hash, validators hash,
    next_validators hash, proposer hash, parent_certificate hash, evidence_root hash
Signature: address hash, signature signature
CommitCertificate 24625: version, height u64, round u32, block_id hash, signatures list 1 256 Signature
SetChange: header Header, certificate CommitCertificate, validators ValidatorSet
InclusionProof 2069: version, index u64, size u64, path list 0 64 hash
ConsistencyProof 2101: version, first u64, second u64, path list 0 65 hash
Leaf: key hash, value_hash hash
StateProof 4194304: version, shape bytes 1 65536, leaves list 0 1024 Leaf, hashes list 0 65536 hash
SignedTransaction 1048576: version, body bytes 1 1048475, public_key hash, signature signature
Body 1048475: version, operations list 1 4096 operation, nonce nonce, expiry_ms u64
Notarize: assets list 1 4096 NamedAsset, reason nothing
Revoke: assets list 1 4096 NamedAsset, reason reason
NamedAsset: scheme scheme, digest hash, size u64, name text 0 255, attributes ascending 0 16 Attribute
Attribute: key text 1 64, value text 0 1024
AssetRecord 65536: version, event_count u64, event_root hash, organizations ascending 1 256 Entry
Entry: organization id, status status, reason option reason, since_height u64, since_time_ms u64,
    event_index u64, transaction_id hash, operation_index u16, signer hash
Event 256: version, transaction_id hash, operation_index u16, organization id, signer hash, role role,
    status status, reason option reason, height u64, time_ms u64
Older: header Header, inclusion InclusionProof
Asset: scheme scheme, digest hash, record option AssetRecord, state_proof StateProof,
    events option list 0 65536 Event
Receipt: transaction SignedTransaction, inclusion InclusionProof
Proof 16777216: format magic, version, chain_id hash, changes list 0 4096 SetChange, header Header,
    certificate CommitCertificate, older option Older, subject subject
GenesisDocument: version, validators list 1 256 GenesisValidator, chain_name unread,
    genesis_time_ms unread, parameters unread, organizations unread, observers unread
GenesisValidator: consensus_key openssh, power decimal, organization utf8, peer_id unread, addresses unread
"""
SIZES = {"magic": 15, "hash": 32, "signature": 64, "nonce": 16}
INTEGERS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
ENUMS = {
    "scheme": {1: "bytes", 2: "directory", 3: "git", 4: "image", 5: "image-configuration"},
    "status": {0: "TRUSTED", 1: "UNTRUSTED", 2: "UNKNOWN", 3: "UNSUPPORTED"},
    "reason": {1: "COMPROMISED", 2: "DEPRECATED"},
    "role": {1: "signer", 2: "admin"},
    "operation": {1: "Notarize", 2: "Revoke"},
    "subject": {1: "Asset", 2: "Receipt"},
    "present": {0: False, 1: True},
}
FIELDS, LIMITS, DECODED = {}, {}, {}
for heading, fields in re.findall(r"^(\w.*): ((?:.|\n )+)$", TABLE, re.MULTILINE):
    structure, *limit = heading.split()
    LIMITS[structure] = int(limit[0]) if limit else None
    fields = fields.replace("version", "version version").split(",")
    FIELDS[structure] = dict(field.split(maxsplit=1) for field in fields)
    # The bytes that a structure stood in come with it: they are what is hashed.
    DECODED[structure] = namedtuple(structure, [*FIELDS[structure], "encoding"])

def read_bytes(stream, size):
    data = stream.read(size)
    require(len(data) == size, "Malformed")
    return data

def read_count(stream, least, most):
    """Judged here, before anything of that size is read."""
    count = read(stream, "u32")
    require(count >= int(least), "TooFew")
    require(count <= int(most), "TooMany")
    return count

def read_structure(stream, name):
    start = stream.tell()
    values = [read(stream, kind) for kind in FIELDS[name].values()]
    decoded = DECODED[name](*values, stream.getvalue()[start : stream.tell()])
    if name == "ValidatorSet":
        check_members(decoded.members)
    return decoded

def read(stream, kind):
    match kind.split(maxsplit=1):
        case [name] if name in FIELDS: return read_structure(stream, name)
        case [name] if name in SIZES: return read_bytes(stream, SIZES[name])
        case [name] if name in INTEGERS: return int.from_bytes(read_bytes(stream, INTEGERS[name]), "little")
        case [name] if name in ENUMS:
            variant = ENUMS[name].get(read(stream, "u8"))
            require(variant is not None, "Malformed")
            return read(stream, variant) if variant in FIELDS else variant
        case ["nothing"]: return None
        case ["version"]: return require(read(stream, "u8") == 1, "UnknownVersion")
        case ["option", inner]: return read(stream, inner) if read(stream, "present") else None
        case ["bytes", bounds]: return read_bytes(stream, read_count(stream, *bounds.split()))
        case ["text", bounds]: return read(stream, f"bytes {bounds}").decode("utf-8")
        case ["list", arguments]:
            least, most, item = arguments.split()
            return [read(stream, item) for _ in range(read_count(stream, least, most))]
        case ["ascending", arguments]:
            items = read(stream, f"list {arguments}")
            # Texts are compared by code points, which is the order of their bytes in UTF-8.
            require(is_ascending([item[0] for item in items]), "Malformed")
            return items
        case ["id"]:
            organization = read(stream, "text 1 32")
            require(re.fullmatch("[a-z0-9][a-z0-9-]*", organization), "Malformed")
            return organization

@refusing("Malformed", UnicodeDecodeError)
def decode(name, data):
    require(len(data) <= LIMITS[name], "TooLong")
    stream = io.BytesIO(data)
    decoded = read_structure(stream, name)
    require(stream.tell() == len(data), "TrailingBytes")
    return decoded

# Strict JSON (sections 4 and 15), and the binary form of what is read from it.

MAGIC = b"vouchsafe-proof"
GENESIS_BYTES_MAX, JSON_BYTES_MAX, JSON_DEPTH_MAX = 1_048_576, 37_748_736, 8
# A string without an end matches to the end of the input, so that nothing is scanned twice.
STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[][{}]', re.DOTALL)

def members_once(pairs):
    members = dict(pairs)
    # Names in ASCII: of these Python's order is that of RFC 8785, which sorts by UTF-16.
    require(len(members) == len(pairs) and "".join(members).isascii(), "Json")
    return members

def whole_number(digits):
    """Fifteen digits at most: RFC 8785 has floating numbers, which hold so many exactly."""
    require(re.fullmatch("[0-9]{1,15}", digits), "Json")
    return int(digits)

@refusing("Json", ValueError)
def read_json(data):
    numbers = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), whole_number)
    text, depth = data.decode("utf-8"), 0
    for token in STRING_OR_BRACKET.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        require(depth <= JSON_DEPTH_MAX, "Json")
    return json.loads(text, object_pairs_hook=members_once, **numbers)

def members_of(value, names):
    require(type(value) is dict and value.keys() == set(names), "Json")
    return [value[name] for name in names]

def sized(items, encoding):
    return len(items).to_bytes(4, "little") + encoding

SCHEME_NUMBERS = {name: number for number, name in ENUMS["scheme"].items()}
# Of each kind that JSON has as a text: what the text looks like, and how it becomes bytes. All kinds that
# are not here are structures in hexadecimal.
TEXTS = {
    "magic": (MAGIC.decode(), str.encode),
    "scheme": ("|".join(SCHEME_NUMBERS), lambda name: bytes([SCHEME_NUMBERS[name]])),
    "hash": ("[0-9a-f]{64}", bytes.fromhex),
    "openssh": ("(?s:.*)", read_public_key),
    # More digits than these are more than the power that a whole set may have.
    "decimal": ("0|[1-9][0-9]{0,14}", lambda digits: int(digits).to_bytes(8, "little")),
    "utf8": ("(?s:.*)", lambda text: sized(text.encode(), text.encode())),
}

def binary_of(kind, value):
    """What the binary form has in the place of this value of a document."""
    match kind.split():
        case [name] if name in FIELDS and LIMITS[name] is None:
            return b"".join(map(binary_of, FIELDS[name].values(), members_of(value, FIELDS[name])))
        case ["unread"]: return b""
        case ["version"]:
            require(type(value) is int, "Json")
            require(value == 1, "UnknownVersion")
            return b"\x01"
        case ["list", _, _, item]:
            require(type(value) is list, "Json")
            return sized(value, b"".join(binary_of(item, each) for each in value))
        case ["option", *inner]:
            return b"\x00" if value is None else b"\x01" + binary_of(" ".join(inner), value)
    pattern, convert = TEXTS.get(kind, ("(?:[0-9a-f]{2})*+", bytes.fromhex))
    require(type(value) is str and re.fullmatch(pattern, value), "Json")
    data = convert(value)
    if kind in FIELDS:
        decode(kind, data)  # By itself already here: else it could borrow bytes from the next.
    return data

def binary_of_proof(document):
    is_receipt = type(document) is dict and "receipt" in document
    number, subject = (2, "receipt") if is_receipt else (1, "asset")
    *kinds, _ = FIELDS["Proof"].values()
    *names, _ = FIELDS["Proof"]
    *values, value = members_of(document, [*names, subject])
    return b"".join(map(binary_of, kinds, values)) + bytes([number]) + binary_of(subject.title(), value)

def decode_proof(data):
    """Either form (section 15); the first byte says which."""
    if data[:1] != MAGIC[:1]:
        require(len(data) <= JSON_BYTES_MAX, "TooLong")
        data = binary_of_proof(read_json(data))
    require(data.startswith(MAGIC), "Malformed")
    return decode("Proof", data)

# Genesis (sections 4 and 14). A verifier needs the chain id, the first set of validators and, to judge
# ages, one parameter. All else is hashed and not judged: whoever pins the document trusts it.

Genesis = namedtuple("Genesis", "chain_id validators clock_ahead_max_ms")

def canonical_json(document):
    """RFC 8785, of what read_json lets through: names in ASCII and small whole numbers."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

# What JSON can write as an escape and UTF-8 cannot is half a surrogate pair.
@refusing("Genesis", Refused, UnicodeEncodeError)
def read_genesis(data):
    require(len(data) <= GENESIS_BYTES_MAX, "TooLong")
    document = read_json(data)
    validators = decode("ValidatorSet", binary_of("GenesisDocument", document))
    parameters = document["parameters"]
    require(type(parameters) is dict, "Json")
    clock_ahead_max = binary_of("decimal", parameters.get("clock_ahead_max_ms"))
    chain_id = tagged("genesis", canonical_json(document))
    return Genesis(chain_id, validators, int.from_bytes(clock_ahead_max, "little"))

# Validators, certificates and headers (sections 6 to 9 and 14).

def address_of(validator):
    return tagged("address", validator.public_key)

def total_power(validators):
    return sum(validator.power for validator in validators)

def require_power(signers, members):
    require(3 * total_power(signers) > 2 * total_power(members), "Power")

def check_members(members):
    addresses = [address_of(member) for member in members]
    require(len(set(addresses)) == len(addresses), "Malformed")
    require(all(member.power > 0 for member in members), "Malformed")
    require(total_power(members) <= 2**48, "Malformed")
    require(is_ascending(addresses), "NotCanonical")

def precommit_preimage(chain_id, certificate, address):
    place = certificate.height.to_bytes(8, "little") + certificate.round.to_bytes(4, "little")
    fields = b"\x01\x02" + place + b"\x01" + certificate.block_id + address
    return b"\x00\x11vouchsafe-vote-v1" + chain_id + fields

def verify_certificate(chain_id, validators, certificate):
    addresses = [signed.address for signed in certificate.signatures]
    require(is_ascending(addresses), "Order")
    members = {address_of(member): member for member in validators.members}
    require(members.keys() >= set(addresses), "UnknownValidator")
    require_power([members[address] for address in addresses], validators.members)
    for address, signature, _ in certificate.signatures:
        preimage = precommit_preimage(chain_id, certificate, address)
        require(zip_215(members[address].public_key, preimage, signature), "Signature")

def verify_header(chain_id, validators, height_above, header, certificate):
    require(header.chain_id == chain_id, "Chain")
    require(header.height > height_above, "Stale")
    require(header.validators == tagged("validator-set", validators.encoding), "Validators")
    block = (tagged("block-id", header.encoding), header.height)
    require((certificate.block_id, certificate.height) == block, "OtherBlock")
    verify_certificate(chain_id, validators, certificate)

def follow_changes(chain_id, validators, changes):
    """The set that decides after the last change, and the height above which it does."""
    height = 0
    for header, certificate, new, _ in changes:
        verify_header(chain_id, validators, height, header, certificate)
        new_hash = tagged("validator-set", new.encoding)
        require(new_hash == header.next_validators, "NextValidators")
        require(new_hash != header.validators, "NoChange")
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
    split = 2 ** ((len(leaf_hashes) - 1).bit_length() - 1)
    return log_node(log_root(leaf_hashes[:split]), log_root(leaf_hashes[split:]))

def climb(node, last, start, path):
    """What a path makes of a node's hash: with those to its left alone, and with all: the root."""
    left = whole = start
    for sibling in path:
        require(last != 0, "PathLength")
        if node % 2 == 1 or node == last:
            left, whole = log_node(sibling, left), log_node(sibling, whole)
            while node % 2 == 0 and node != 0:
                node, last = node // 2, last // 2
        else:
            whole = log_node(whole, sibling)
        node, last = node // 2, last // 2
    require(last == 0, "PathLength")
    return left, whole

def verify_inclusion(root, leaf_hash, proof):
    require(proof.index < proof.size, "Index")
    _, found = climb(proof.index, proof.size - 1, leaf_hash, proof.path)
    require(found == root, "Root")

# State tree (section 11). Claims are pairs of a key's bits and a value hash, or None: absent.

EMPTY, TREE_TAG = bytes(32), b"vouchsafe-state-tree-v1"
StateWalk = namedtuple("StateWalk", "bits leaves hashes")

def bits_of(data):
    return "".join(format(byte, "08b") for byte in data)

def next_of(sequence):
    found = next(sequence, None)
    require(found is not None, "Shape")
    return found

def subtree(walk, depth, claims):
    """The hash of the place to which the claims' keys lead, and what stands there."""
    match next_of(walk.bits) + (next_of(walk.bits) if claims else ""):
        case "0" | "00":
            require(all(value is None for _, value in claims), "Absent")
            return EMPTY, "EMPTY"
        case "1":
            found = next_of(walk.hashes)
            require(found != EMPTY, "NotCanonical")
            return found, "HASH"
        case "01":
            return leaf_place(next_of(walk.leaves), depth, claims)
        case "10" if depth < 256:
            sides = [[claim for claim in claims if claim[0][depth] == bit] for bit in "01"]
            (left, left_kind), (right, right_kind) = [subtree(walk, depth + 1, side) for side in sides]
            require({left_kind, right_kind} not in ({"EMPTY"}, {"EMPTY", "LEAF"}), "NotCanonical")
            return sha256(b"\x01", TREE_TAG, left, right), "BRANCH"
    raise Refused("Shape")

def leaf_place(leaf, depth, claims):
    key = bits_of(leaf.key)
    require(key[:depth] == claims[0][0][:depth], "Misplaced")
    for claimed, value in claims:
        require(claimed == key or value is None, "Absent")
        require(claimed != key or value is not None, "Present")
        require(value in (None, leaf.value_hash), "Value")
    return sha256(b"\x00", TREE_TAG, leaf.key, leaf.value_hash), "LEAF"

def verify_state(root, claims, proof):
    require(1 <= len(claims) <= 1024 and len(dict(claims)) == len(claims), "KeyCount")
    walk = StateWalk(iter(bits_of(proof.shape)), iter(proof.leaves), iter(proof.hashes))
    found, _ = subtree(walk, 0, [(bits_of(key), value) for key, value in claims])
    padding = "".join(walk.bits)
    require(len(padding) < 8 and "1" not in padding, "LeftOver")
    require(not [*walk.leaves, *walk.hashes], "LeftOver")
    require(found == root, "Root")

# Transactions (section 5).

def transaction_id(chain_id, transaction):
    body = sized(transaction.body, transaction.body)
    return tagged("transaction-id", b"\x01", chain_id, transaction.public_key, body)

def sshsig_signed_data(message):
    return b"SSHSIG" + ssh_strings(b"vouchsafe-tx-v1", b"", b"sha512", hashlib.sha512(message).digest())

def verify_transaction(chain_id, transaction):
    body = decode("Body", transaction.body)
    assets = [(asset.scheme, asset.digest) for act in body.operations for asset in act.assets]
    require(len(assets) <= 4096, "AssetCount")
    require(len(set(assets)) == len(assets), "RepeatedAsset")
    require_admitted(transaction.public_key)
    signed = sshsig_signed_data(chain_id + transaction.body)
    require(zip_215(transaction.public_key, signed, transaction.signature), "Signature")
    return body

# What a proof shows (sections 13, 15 and 18).

STATUS_OF_REASON = {None: "TRUSTED", "COMPROMISED": "UNTRUSTED", "DEPRECATED": "UNSUPPORTED"}
SHOWN_AS = {"signer": fingerprint, "transaction_id": bytes.hex, "digest": bytes.hex}
SHOWN_AS |= dict.fromkeys(("height", "time_ms", "since_height", "since_time_ms"), str)

def show(decoded, names):
    values = {name: getattr(decoded, name) for name in names.split()}
    return {name: SHOWN_AS.get(name, lambda same: same)(value) for name, value in values.items()}

def overall_status(entries):
    said = [entry.status for entry in entries]
    ranks = ("UNTRUSTED", "TRUSTED", "UNSUPPORTED")
    return next((status for status in ranks if status in said), "UNKNOWN")

def asset_key(scheme, digest):
    return tagged("state-key", b"\x01", binary_of("scheme", scheme), digest)

def verify_asset(header, subject):
    record, events = subject.record, subject.events
    value_hash = tagged("state-value", record.encoding) if record else None
    claim = (asset_key(subject.scheme, subject.digest), value_hash)
    verify_state(header.state_root, [claim], subject.state_proof)
    _, count, root, entries, _ = record or (1, 0, log_root([]), [], b"")
    if events is not None:
        require(len(events) == count, "IncompleteLog")
        require(log_root([log_leaf(event.encoding) for event in events]) == root, "OtherLog")
        names = "organization status reason height time_ms signer role transaction_id operation_index"
        events = [show(event, names) for event in events]
    names = "organization status reason since_height since_time_ms signer"
    shown = {"status": overall_status(entries), "event_count": str(count), "events": events}
    shown["organizations"] = [show(entry, names) for entry in entries]
    return show(subject, "scheme digest") | shown

def show_operation(operation):
    assets = [show(asset, "scheme digest") for asset in operation.assets]
    return show(operation, "reason") | {"status": STATUS_OF_REASON[operation.reason], "assets": assets}

def verify_receipt(chain_id, header, subject):
    transaction, inclusion = subject.transaction, subject.inclusion
    body = verify_transaction(chain_id, transaction)
    require(inclusion.size == header.transaction_count, "TransactionCount")
    verify_inclusion(header.transactions_root, log_leaf(transaction.encoding), inclusion)
    return {
        "transaction_id": transaction_id(chain_id, transaction).hex(),
        "index": str(inclusion.index),
        "signer": fingerprint(transaction.public_key),
        "operations": [show_operation(operation) for operation in body.operations],
    }

def verify_older(chain_id, header, older):
    require(older.header.chain_id == chain_id, "Chain")
    place = (older.inclusion.size, older.inclusion.index)
    require(place == (header.height - 1, older.header.height - 1), "OlderPlace")
    leaf = log_leaf(tagged("block-id", older.header.encoding))
    verify_inclusion(header.history_root, leaf, older.inclusion)

def verify_proof(genesis, data, asset=None):
    """What the file shows, or Refused. `asset` is (scheme's name, 32 bytes of digest) or None."""
    proof, chain_id = decode_proof(data), genesis.chain_id
    require(proof.chain_id == chain_id, "Chain")
    validators, height = follow_changes(chain_id, genesis.validators, proof.changes)
    verify_header(chain_id, validators, height, proof.header, proof.certificate)
    header = proof.header
    if proof.older:
        verify_older(chain_id, header, proof.older)
        header = proof.older.header
    shown = {"chain_id": chain_id.hex(), "block_id": tagged("block-id", header.encoding).hex()}
    shown |= show(header, "height time_ms") | {"asset": None, "receipt": None}
    if isinstance(proof.subject, DECODED["Asset"]):
        shown["asset"] = verify_asset(header, proof.subject)
        about = [show(proof.subject, "scheme digest")]
    else:
        shown["receipt"] = verify_receipt(chain_id, header, proof.subject)
        about = [named for act in shown["receipt"]["operations"] for named in act["assets"]]
    asked = asset and {"scheme": asset[0], "digest": asset[1].hex()}
    require(asked is None or asked in about, "OtherAsset")
    return shown

# The command line.

EXIT_CODES = {"TRUSTED": 0, "UNKNOWN": 10, "UNTRUSTED": 11, "UNSUPPORTED": 12}
EXIT_USAGE, EXIT_REFUSED, EXIT_AGE = 2, 20, 21
# Clocks differ: a proof may be this far ahead of this machine's.
AHEAD_LEAST_MS = 10_000

def hash_argument(argument):
    if not re.fullmatch("sha256:[0-9a-f]{64}", argument):
        raise ValueError
    return bytes.fromhex(argument.removeprefix("sha256:"))

def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description="Verify a Vouchsafe proof file without a node.")
    option = parser.add_argument
    option("--genesis", required=True, help="the pinned genesis document")
    option("--proof", required=True, help="the proof file, in either form")
    option("--chain-id", help="refuse a genesis document of another chain")
    option("--max-age", type=int, help="refuse what is older, in seconds")
    option("--json", action="store_true", help="print one object of JSON")
    about = parser.add_mutually_exclusive_group()
    about.add_argument("file", nargs="?", metavar="FILE", help="what the proof must be about")
    about.add_argument("--hash", type=hash_argument, help="sha256:HEX, the digest of FILE")
    return parser.parse_args(arguments)

def read_file(path, bytes_max):
    """One byte more than the limit at most: enough to see that a file is too long."""
    with open(path, "rb") as file:
        return file.read(bytes_max + 1)

def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()

def check_age(genesis, age_ms, age_max_ms):
    """Section 14, step 6. A slow clock makes every proof look younger: far ahead of it, none has an age."""
    if age_ms > age_max_ms:
        raise Refused("Age", f"it is {age_ms / 1000} s old, more than --max-age: get a younger one")
    if -age_ms > min(max(AHEAD_LEAST_MS, genesis.clock_ahead_max_ms), age_max_ms):
        ahead = f"it is from {-age_ms / 1000} s ahead of this machine's clock"
        raise Refused("Future", f"{ahead}, which hides how old it is: set the clock")

def print_verdict(shown, status, age_ms, compared):
    print(json.dumps(shown, indent=2))
    side = "ago by" if age_ms >= 0 else "ahead of"
    print(f"{status} at height {shown['height']}, {abs(age_ms) // 1000} s {side} this clock.")
    if shown["receipt"]:
        print("A receipt shows that this was said, not what the status is.")
    if not compared:
        print("No file was compared with the proof: give FILE or --hash.")
    print("A later revocation cannot be seen in a proof file, nor that a younger proof exists.")

def main(arguments=None):
    arguments, code = parse_arguments(arguments), EXIT_USAGE
    try:
        digest = digest_of(arguments.file) if arguments.file else arguments.hash
        genesis = read_genesis(read_file(arguments.genesis, GENESIS_BYTES_MAX))
        data = read_file(arguments.proof, JSON_BYTES_MAX)
        code = EXIT_REFUSED
        require(arguments.chain_id in (None, genesis.chain_id.hex()), "Chain")
        shown = verify_proof(genesis, data, digest and ("bytes", digest))
        code, age_ms = EXIT_AGE, time.time_ns() // 1_000_000 - int(shown["time_ms"])
        if arguments.max_age is not None:
            check_age(genesis, age_ms, 1000 * arguments.max_age)
    except (OSError, Refused) as error:
        if arguments.json:
            print(json.dumps({"shown": None, "error": getattr(error, "rule", "Unreadable")}))
        refused = "PROVEN, and refused for its time" if code == EXIT_AGE else "REFUSED, and nothing is proven"
        print(f"{refused}: {error}.", file=sys.stderr)
        return code
    # Exit code 0 means TRUSTED and nothing else, so a receipt, which shows no status, is UNKNOWN.
    status = shown["asset"]["status"] if shown["asset"] else "UNKNOWN"
    if arguments.json:
        answer = {"shown": shown, "error": None, "age_ms": str(age_ms)}
        print(json.dumps(answer | {"later_revocation": "cannot be seen"}))
    else:
        print_verdict(shown, status, age_ms, digest is not None)
    return EXIT_CODES[status]

if __name__ == "__main__":
    sys.exit(main())
