// Shows a verdict. Whatever comes from files is put in as text, never as HTML, and isolated, so that
// it can neither act nor turn around the words beside it.

import type { Shown, ShownAsset, ShownReceipt } from "../src/shown.ts";
import { describeAge, describeTime } from "../src/words.ts";
import type { Verdict } from "./verdict.ts";

type Child = Node | string;

function element(name: string, attributes: Readonly<Record<string, string>>, ...children: Child[]): HTMLElement {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

function foreign(text: string): HTMLElement {
  return element("bdi", {}, text);
}

function code(text: string): HTMLElement {
  return element("code", {}, text);
}

function facts(entries: readonly (readonly [string, Child])[]): HTMLElement {
  const list = element("dl", {});
  for (const [term, value] of entries) {
    list.append(element("div", {}, element("dt", {}, term), element("dd", {}, value)));
  }
  return list;
}

function table(caption: string, heads: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, cell))));
  const made = element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
  return element("div", { class: "scroll", role: "region", "aria-label": caption, tabindex: "0" }, made);
}

function statement(status: string, reason: string | null): string {
  return reason === null ? status : `${status} (${reason})`;
}

function aboutAsset(asset: ShownAsset): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (asset.organizations.length > 0) {
    const rows = asset.organizations.map((entry) => [
      foreign(entry.organization),
      statement(entry.status, entry.reason),
      `${describeTime(entry.since_time_ms)}, height ${entry.since_height}`,
      code(entry.signer),
    ]);
    parts.push(table("What organizations say", ["Organization", "Says", "Since", "Signed by the key"], rows));
  }
  if (asset.events && asset.events.length > 0) {
    const rows = asset.events.map((event) => [
      `${describeTime(event.time_ms)}, height ${event.height}`,
      foreign(event.organization),
      statement(event.status, event.reason),
      code(event.signer),
      event.role,
    ]);
    const heads = ["When", "Organization", "Said", "Signed by the key", "In the role of"];
    parts.push(table("Complete history", heads, rows));
  }
  return parts;
}

function aboutReceipt(receipt: ShownReceipt): HTMLElement[] {
  const rows = receipt.operations.flatMap((operation) =>
    operation.assets.map((asset) => [statement(operation.status, operation.reason), asset.scheme, code(asset.digest)]),
  );
  return [table("What the transaction states", ["States", "About a", "SHA-256"], rows)];
}

function about(shown: Shown): HTMLElement[] {
  const entries: [string, Child][] = [
    ["Chain id", code(shown.chain_id)],
    ["Height", shown.height],
    ["Time", describeTime(shown.time_ms)],
    ["Age", describeAge(shown.time_ms, Date.now())],
    ["Block id", code(shown.block_id)],
  ];
  if (shown.asset) {
    entries.push([`SHA-256 (${shown.asset.scheme})`, code(shown.asset.digest)]);
    entries.push(["Statements recorded", shown.asset.event_count]);
  }
  if (shown.receipt) {
    entries.push(["Transaction", code(shown.receipt.transaction_id)]);
    entries.push(["Signed by the key", code(shown.receipt.signer)]);
  }
  const subject = shown.asset ? aboutAsset(shown.asset) : shown.receipt ? aboutReceipt(shown.receipt) : [];
  return [facts(entries), ...subject];
}

export function render(place: HTMLElement, verdict: Verdict): void {
  const symbol = element("span", { class: "symbol", "aria-hidden": "true" }, verdict.symbol);
  const heading = element("h2", { id: "verdict-heading", tabindex: "-1" }, symbol, element("span", {}, verdict.heading));
  const notes = element("ul", { class: "notes" }, ...verdict.notes.map((note) => element("li", {}, note)));
  const sentence = element("p", { class: "sentence" }, foreign(verdict.sentence));
  place.dataset["kind"] = verdict.kind;
  // The notes limit the verdict: they come before what may fill more than a screen.
  place.replaceChildren(heading, sentence, notes, ...(verdict.shown ? about(verdict.shown) : []));
}

/** While there is no verdict, no old one may stand. */
export function renderWaiting(place: HTMLElement, text: string): void {
  delete place.dataset["kind"];
  place.replaceChildren(...(text === "" ? [] : [element("p", { class: "waiting" }, text)]));
}
