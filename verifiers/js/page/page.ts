// Wires the page: what is chosen, dropped or typed, and when it is checked.

import { GENESIS_LENGTH_MAX } from "../src/genesis.ts";
import { JSON_LENGTH_MAX } from "../src/proof_json.ts";
import { digestOf, guessSlot, readUpTo, type Slot } from "./inputs.ts";
import { render, renderWaiting } from "./render.ts";
import { judge, unchecked, type Verdict } from "./verdict.ts";

function byId<Kind extends HTMLElement>(id: string): Kind {
  return document.getElementById(id) as Kind;
}

const SLOTS: readonly Slot[] = ["file", "proof", "genesis"];
const place = byId<HTMLElement>("verdict");
const inputOf = (slot: Slot): HTMLInputElement => byId<HTMLInputElement>(slot);
const chosen = (slot: Slot): File | null => inputOf(slot).files?.[0] ?? null;

/** Counts checks: what a check finds after a newer one began is thrown away. */
let latest = 0;

async function answer(isCurrent: () => boolean): Promise<Verdict> {
  const [file, proof, genesis] = [chosen("file"), chosen("proof"), chosen("genesis")];
  if (!proof || !genesis) return unchecked("Choose a proof file and a genesis document.");
  const digest = file && (await digestOf(file, (share) => {
    if (isCurrent()) byId("progress").textContent = `Reading the file: ${Math.floor(100 * share)} %`;
  }));
  return judge({
    genesis: await readUpTo(genesis, GENESIS_LENGTH_MAX),
    proof: await readUpTo(proof, JSON_LENGTH_MAX),
    asked: digest ? { scheme: "bytes", digest } : null,
    expectedChainId: byId<HTMLInputElement>("chain-id").value,
  });
}

async function check(): Promise<void> {
  latest += 1;
  const mine = latest;
  const isCurrent = (): boolean => mine === latest;
  renderWaiting(place, "Checking…");
  // Lets the browser show that before the verifier keeps it busy.
  await new Promise((resolve) => setTimeout(resolve, 20));
  let verdict: Verdict;
  try {
    verdict = await answer(isCurrent);
  } catch (error) {
    verdict = unchecked(`Something went wrong here: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (!isCurrent()) return;
  byId("progress").textContent = "";
  render(place, verdict);
}

/** An old verdict must not stand beside new input. */
function inputChanged(): void {
  if (SLOTS.every((slot) => chosen(slot) !== null)) {
    void check();
  } else {
    latest += 1;
    byId("progress").textContent = "";
    renderWaiting(place, "");
  }
}

function put(slot: Slot, file: File): void {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  inputOf(slot).files = transfer.files;
}

async function dropped(event: DragEvent): Promise<void> {
  const files = [...(event.dataTransfer?.files ?? [])];
  const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-slot]") : null;
  if (files.length === 1 && target) put(target.dataset["slot"] as Slot, files[0]!);
  else for (const file of files) put(await guessSlot(file).catch((): Slot => "file"), file);
  if (files.length > 0) inputChanged();
}

function highlight(target: EventTarget | null): void {
  const over = target instanceof Element ? target.closest("[data-slot]") : null;
  for (const zone of document.querySelectorAll("[data-slot]")) zone.classList.toggle("over", zone === over);
}

for (const slot of SLOTS) {
  const input = inputOf(slot);
  input.addEventListener("change", inputChanged);
  // A browser does not tell when the same name is chosen again, though the file may be another now:
  // whoever goes to choose gives up what was chosen, and with it the verdict.
  input.addEventListener("click", () => {
    input.value = "";
    inputChanged();
  });
}
byId("chain-id").addEventListener("input", inputChanged);
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void check().then(() => document.getElementById("verdict-heading")?.focus());
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  highlight(event.target);
});
document.addEventListener("dragleave", () => highlight(null));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  highlight(null);
  void dropped(event);
});
