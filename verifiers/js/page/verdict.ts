// What comes of a check, in one of six kinds that neither look nor read alike. This module decides
// and says; render.ts shows.

import { chainIdOf, readGenesis, type Genesis } from "../src/genesis.ts";
import { Refused } from "../src/refused.ts";
import type { Shown } from "../src/shown.ts";
import { verifyProof, type Asked } from "../src/verify.ts";
import { describeStatus } from "../src/words.ts";

export type Kind = "trusted" | "untrusted" | "unknown" | "unsupported" | "holds" | "refused" | "unchecked";

export interface Verdict {
  readonly kind: Kind;
  readonly symbol: string;
  readonly heading: string;
  readonly sentence: string;
  readonly shown: Shown | null;
  /** What the verdict does not cover, or was not compared with. */
  readonly notes: readonly string[];
}

const SYMBOLS: Readonly<Record<Kind, string>> = {
  trusted: "✓",
  untrusted: "✗",
  unknown: "?",
  unsupported: "!",
  holds: "§",
  refused: "≠",
  unchecked: "…",
};

const LATER_REVOCATION =
  "A later revocation cannot be seen: this is how things stood at the height and time below. " +
  "Only a newer proof shows whether it still holds.";
const GENESIS_NOT_COMPARED =
  "No chain id was typed, so the genesis document itself was not compared with anything. Whoever gave " +
  "you all of these files could have made up the whole chain.";
const GENESIS_COMPARED = "The genesis document is that of the chain id that you typed.";

function make(kind: Kind, heading: string, sentence: string, shown: Shown | null, notes: readonly string[]): Verdict {
  return { kind, symbol: SYMBOLS[kind], heading, sentence, shown, notes };
}

/** Nothing is known: neither that the proof holds, nor that it does not. */
export function unchecked(sentence: string): Verdict {
  return make("unchecked", "Could not check", sentence, null, ["Nothing was found out about the file."]);
}

function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

function ofShown(shown: Shown, asked: Asked | null, notes: readonly string[]): Verdict {
  if (shown.receipt) {
    const sentence =
      "This is a receipt: it shows that the statements below were recorded, not what status anything has. " +
      "Others may have said otherwise before or since.";
    return make("holds", "The receipt holds", sentence, shown, notes);
  }
  const status = shown.asset!.status;
  if (!asked) {
    const sentence = `No file was compared. The proof says ${status} of the digest below, and nothing of a file that you hold.`;
    return make("holds", "The proof holds, but no file was compared", sentence, shown, notes);
  }
  return make(status.toLowerCase() as Kind, status, describeStatus(status), shown, notes);
}

function refused(error: Refused, notes: readonly string[]): Verdict {
  const sentence = `${asSentence(error.message)} (${error.rule})`;
  return make("refused", "This proof does not hold", sentence, null, [
    "Nothing that the proof says is believed. It says nothing about the file, neither good nor bad.",
    ...notes,
  ]);
}

export interface Question {
  readonly genesis: Uint8Array;
  readonly proof: Uint8Array;
  readonly asked: Asked | null;
  readonly expectedChainId: string;
}

/** Answers; throws only what nobody foresaw. */
export function judge(question: Question): Verdict {
  const expected = question.expectedChainId.trim().toLowerCase();
  if (expected !== "" && !/^[0-9a-f]{64}$/.test(expected)) {
    return unchecked("The chain id that you typed is not 64 hexadecimal digits.");
  }
  let genesis: Genesis;
  try {
    genesis = readGenesis(question.genesis);
  } catch (error) {
    if (error instanceof Refused) return unchecked(`The genesis document cannot be used: ${error.message}.`);
    throw error;
  }
  if (expected !== "" && expected !== chainIdOf(genesis)) {
    return unchecked(`The genesis document is of the chain ${chainIdOf(genesis)}, not of the one that you typed.`);
  }
  const compared = expected === "" ? GENESIS_NOT_COMPARED : GENESIS_COMPARED;
  try {
    const shown = verifyProof(genesis, question.proof, question.asked);
    return ofShown(shown, question.asked, [LATER_REVOCATION, compared]);
  } catch (error) {
    if (error instanceof Refused) return refused(error, [compared]);
    throw error;
  }
}
