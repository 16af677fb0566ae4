#!/usr/bin/env python3
"""Judges proof files line by line, so that a test can ask this verifier and another one the same.

One line of JSON in: {"genesis": TEXT, "proof": HEX, "asset": null or {"scheme", "digest"}}.
One line out: {"shown": {...}, "error": null} or {"shown": null, "error": RULE}.
"""

import functools
import json
import sys

import vouchsafe_verify


@functools.lru_cache(maxsize=64)
def genesis_of(text):
    """Many lines share a document, and reading its keys costs more than most proofs do."""
    return vouchsafe_verify.read_genesis(text.encode("utf-8", "surrogatepass"))


def judge(line):
    question = json.loads(line)
    asset = question.get("asset")
    if asset is not None:
        asset = (asset["scheme"], bytes.fromhex(asset["digest"]))
    try:
        genesis = genesis_of(question["genesis"])
        shown = vouchsafe_verify.verify_proof(genesis, bytes.fromhex(question["proof"]), asset)
        return {"shown": shown, "error": None}
    except vouchsafe_verify.Refused as refused:
        return {"shown": None, "error": refused.rule}


def main():
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(judge(line)), flush=True)


if __name__ == "__main__":
    main()
