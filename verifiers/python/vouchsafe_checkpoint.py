#!/usr/bin/env python3
"""Judges checkpoints, and whether one continues another: section 16 of docs/PROTOCOL.md.

Written from that text alone, as vouchsafe_verify.py, of which it uses the signatures, the structures
and the logs. As a library: `verify_checkpoint(chain_id, validators_at(genesis, changes, size), note)`
and `verify_continues(older, newer, proof)` return nothing, or raise Refused.
"""

import argparse
import base64
import re
import sys
from collections import namedtuple

from vouchsafe_verify import (
    EXIT_REFUSED, EXIT_USAGE, GENESIS_BYTES_MAX, JSON_BYTES_MAX, LIMITS, Refused, address_of, climb, decode,
    decode_proof, follow_changes, read_file, read_genesis, refusing, require, require_power, sha256, zip_215,
)

NOTE_BYTES_MAX = 65_536
# The text, an empty line, and signature lines: an em dash, a name and what a witness may choose.
NOTE = re.compile(
    r"(?P<text>vouchsafe/(?P<chain_id>[0-9a-f]{64})\n(?P<size>[1-9][0-9]{0,19})\n(?P<root>.+)\n)\n"
    r"(?P<lines>(?:\u2014 [^ \n]+ .*\n)+)"
)
# Of a validator, by the form of its name.
LINE = re.compile(r"^\u2014 ([0-9a-f]{64}) (.*)$", re.MULTILINE)
Checkpoint = namedtuple("Checkpoint", "text chain_id size root signatures")

def read_base64(text, length):
    """Of one form only: with its padding, and with zeros in the bits that no byte has."""
    with refusing("Form", ValueError):
        data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text and len(data) == length, "Form")
    return data

@refusing("Form", UnicodeDecodeError)
def read_checkpoint(data):
    require(len(data) <= NOTE_BYTES_MAX, "TooLong")
    note = NOTE.fullmatch(data.decode("utf-8"))
    require(note is not None and int(note["size"]) < 2**64, "Form")
    text, chain_id, root = note["text"].encode(), bytes.fromhex(note["chain_id"]), read_base64(note["root"], 32)
    signatures = [(name, read_base64(signature, 68)) for name, signature in LINE.findall(note["lines"])]
    return Checkpoint(text, chain_id, int(note["size"]), root, signatures)

def key_id(name, public_key):
    return sha256(name.encode(), b"\n\x01", public_key)[:4]

def validators_at(genesis, changes, height):
    """The set that decided this height, if the changes (of a proof file) are all that came before."""
    earlier = [change for change in changes if change.header.height < height]
    validators, _ = follow_changes(genesis.chain_id, genesis.validators, earlier)
    return validators

def verify_checkpoint(chain_id, validators, checkpoint):
    """Whether it counts, `validators` being the set that decided the height of its size."""
    require(checkpoint.chain_id == chain_id, "Chain")
    members = {address_of(member).hex(): member for member in validators.members}
    found = {}
    for name, signature in checkpoint.signatures:
        if name in members:
            require(name not in found, "Repeated")
            found[name] = members[name]
            public_key = members[name].public_key
            require(signature[:4] == key_id(name, public_key), "Signature")
            require(zip_215(public_key, checkpoint.text, signature[4:]), "Signature")
    require_power(found.values(), validators.members)

def verify_continues(older, newer, proof):
    """Whether the older one's log begins the newer one's: RFC 9162, section 2.1.4.2."""
    require((proof.first, proof.second) == (older.size, newer.size), "Sizes")
    require(1 <= older.size <= newer.size, "Sizes")
    if older.size == newer.size:
        require(not proof.path, "PathLength")
        require(older.root == newer.root, "SecondRoot")
        return
    node, last = older.size - 1, newer.size - 1
    while node % 2 == 1:
        node, last = node // 2, last // 2
    # A size that is a power of two is one whole subtree, whose root the verifier has already.
    path = proof.path if node > 0 else [older.root, *proof.path]
    require(path, "PathLength")
    first_root, second_root = climb(node, last, path[0], path[1:])
    require(first_root == older.root, "FirstRoot")
    require(second_root == newer.root, "SecondRoot")

# The command line.

EXIT_FORK = 22

def parse_arguments(arguments):
    parser = argparse.ArgumentParser(description="Judge a checkpoint, or whether one continues another.")
    option = parser.add_argument
    option("--genesis", required=True, help="the pinned genesis document")
    option("--chain-id", help="refuse a genesis document of another chain")
    option("--changes", metavar="PROOF", help="a proof file, whose changes of the validators are followed")
    option("--consistency", metavar="FILE", help="the proof that the second note continues the first")
    option("notes", nargs="+", metavar="NOTE", help="a checkpoint; or two, the older one first")
    parsed = parser.parse_args(arguments)
    if len(parsed.notes) > 2 or parsed.consistency and len(parsed.notes) != 2:
        parser.error("one NOTE, or two of which --consistency FILE shows that the second continues the first")
    return parsed

def print_compared(older, newer, consistency):
    """And the exit code. Of one size, two notes that count need no proof to agree or to differ."""
    if older.size == newer.size and older.root != newer.root:
        print("FORK: both count, of one size and with different roots.")
        return EXIT_FORK
    if consistency is not None:
        verify_continues(older, newer, decode("ConsistencyProof", consistency))
    elif older.size != newer.size:
        print("NOT COMPARED: they are of different sizes, and --consistency was not given.")
        return EXIT_USAGE
    print("CONTINUES: the second has all blocks of the first, in their places.")
    return 0

def main(arguments=None):
    arguments, code = parse_arguments(arguments), EXIT_USAGE
    try:
        genesis = read_genesis(read_file(arguments.genesis, GENESIS_BYTES_MAX))
        notes = [read_file(path, NOTE_BYTES_MAX) for path in arguments.notes]
        proof = arguments.changes and read_file(arguments.changes, JSON_BYTES_MAX)
        limit = LIMITS["ConsistencyProof"]
        consistency = arguments.consistency and read_file(arguments.consistency, limit)
        code = EXIT_REFUSED
        require(arguments.chain_id in (None, genesis.chain_id.hex()), "Chain")
        changes = [] if proof is None else decode_proof(proof).changes
        checkpoints = [read_checkpoint(note) for note in notes]
        for checkpoint in checkpoints:
            validators = validators_at(genesis, changes, checkpoint.size)
            verify_checkpoint(genesis.chain_id, validators, checkpoint)
            print(f"COUNTS: {checkpoint.size} blocks of {checkpoint.chain_id.hex()},")
            print(f"        root {checkpoint.root.hex()}.")
        code = print_compared(*checkpoints, consistency) if len(checkpoints) == 2 else 0
    except (OSError, Refused) as error:
        print(f"REFUSED, and nothing is proven: {error}.", file=sys.stderr)
        return code
    print("A change of the validators before that height, if it was not given, cannot be seen.")
    return code

if __name__ == "__main__":
    sys.exit(main())
