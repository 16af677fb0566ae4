var __defProp = Object.defineProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/bytes.ts
function concatenate(...parts) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
function compare(first, second) {
  const shorter = Math.min(first.length, second.length);
  for (let index = 0; index < shorter; index += 1) {
    const difference = first[index] - second[index];
    if (difference !== 0) return difference;
  }
  return first.length - second.length;
}
function equal(first, second) {
  return compare(first, second) === 0;
}
function isZero(bytes) {
  return bytes.every((byte) => byte === 0);
}
var HEXADECIMAL_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
function toHexadecimal(bytes) {
  const pairs = new Array(bytes.length);
  for (let index = 0; index < bytes.length; index += 1) pairs[index] = HEXADECIMAL_OF_BYTE[bytes[index]];
  return pairs.join("");
}
function digitValue(code) {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 97 + 10;
  return -1;
}
function fromHexadecimal(text) {
  if (text.length % 2 !== 0) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index += 1) {
    const high = digitValue(text.charCodeAt(2 * index));
    const low = digitValue(text.charCodeAt(2 * index + 1));
    if (high < 0 || low < 0) return null;
    bytes[index] = 16 * high + low;
  }
  return bytes;
}
function toBase64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}
function fromBase64(text) {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}
var encoder = new TextEncoder();
var decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function toUtf8(text) {
  return encoder.encode(text);
}
function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}
var ascii = toUtf8;
function u32LittleEndian(value) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
function u64LittleEndian(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}

// node_modules/@noble/hashes/_u64.js
var U32_MASK64 = /* @__PURE__ */ (() => BigInt(2 ** 32 - 1))();
var _32n = /* @__PURE__ */ BigInt(32);
function fromBig(n, le = false) {
  if (le)
    return { h: Number(n & U32_MASK64), l: Number(n >> _32n & U32_MASK64) };
  return { h: Number(n >> _32n & U32_MASK64) | 0, l: Number(n & U32_MASK64) | 0 };
}
function split(lst, le = false) {
  const len = lst.length;
  let Ah = new Uint32Array(len);
  let Al = new Uint32Array(len);
  for (let i = 0; i < len; i++) {
    const { h, l } = fromBig(lst[i], le);
    [Ah[i], Al[i]] = [h, l];
  }
  return [Ah, Al];
}
var fromNumH = (n) => n / 2 ** 32 | 0;
var fromNumL = (n) => n >>> 0;
function setU64FromNum(view, byteOffset, n, isLE) {
  const h = fromNumH(n);
  const l = fromNumL(n);
  view.setUint32(byteOffset, isLE ? l : h, isLE);
  view.setUint32(byteOffset + 4, isLE ? h : l, isLE);
}
var shrSH = (h, _l, s) => h >>> s;
var shrSL = (h, l, s) => h << 32 - s | l >>> s;
var rotrSH = (h, l, s) => h >>> s | l << 32 - s;
var rotrSL = (h, l, s) => h << 32 - s | l >>> s;
var rotrBH = (h, l, s) => h << 64 - s | l >>> s - 32;
var rotrBL = (h, l, s) => h >>> s - 32 | l << 64 - s;
function add(Ah, Al, Bh, Bl) {
  const l = (Al >>> 0) + (Bl >>> 0);
  return { h: Ah + Bh + (l / 2 ** 32 | 0) | 0, l: l | 0 };
}
var add3L = (Al, Bl, Cl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0);
var add3H = (low, Ah, Bh, Ch) => Ah + Bh + Ch + (low / 2 ** 32 | 0) | 0;
var add4L = (Al, Bl, Cl, Dl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0);
var add4H = (low, Ah, Bh, Ch, Dh) => Ah + Bh + Ch + Dh + (low / 2 ** 32 | 0) | 0;
var add5L = (Al, Bl, Cl, Dl, El) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0) + (El >>> 0);
var add5H = (low, Ah, Bh, Ch, Dh, Eh) => Ah + Bh + Ch + Dh + Eh + (low / 2 ** 32 | 0) | 0;

// node_modules/@noble/hashes/utils.js
function isBytes(a) {
  return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
}
var atitle = (title) => title ? `"${title}" ` : "";
function anumber(n, title = "") {
  if (typeof n !== "number")
    throw new TypeError(atitle(title) + "expected number, got " + typeof n);
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError(atitle(title) + "expected integer >= 0, got " + n);
  return n;
}
function abytes(value, length, title = "") {
  if (isBytes(value) && (length === void 0 || value.length === length))
    return value;
  if (length !== void 0)
    anumber(length, "length");
  const bytes = isBytes(value);
  const ofLen = length !== void 0 ? ` of length ${length}` : "";
  const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
  const message = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
  if (!bytes)
    throw new TypeError(message);
  throw new RangeError(message);
}
var aobject = (value, label) => {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new TypeError((label === "object" ? "" : `"${label}" `) + "expected object, got type=" + typeof value);
};
var aopts = (value, label) => {
  aobject(value, label);
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null)
    throw new TypeError(`"${label}" expected plain object`);
  if (Object.hasOwn(value, "__proto__"))
    throw new TypeError(`"${label}.__proto__" is not allowed`);
};
function aexists(instance, checkFinished = true) {
  if (instance.destroyed)
    throw new Error("hash was destroyed");
  if (checkFinished && instance.finished)
    throw new Error("digest() was already called");
}
function aoutput(out, instance) {
  abytes(out, void 0, "output");
  const min = instance.outputLen;
  if (!(out.length >= min)) {
    throw new RangeError('"output" expected length >= ' + min);
  }
}
function clean(...arrays) {
  for (let i = 0; i < arrays.length; i++) {
    arrays[i].fill(0);
  }
}
function createView(arr) {
  return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
}
function rotr(word, shift) {
  return word << 32 - shift | word >>> shift;
}
var hasHexBuiltin = /* @__PURE__ */ (() => (
  // @ts-ignore
  typeof Uint8Array.from([]).toHex === "function" && typeof Uint8Array.fromHex === "function"
))();
var hexes = /* @__PURE__ */ Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
function bytesToHex(bytes) {
  abytes(bytes);
  if (hasHexBuiltin)
    return bytes.toHex();
  let hex = "";
  for (let i = 0; i < bytes.length; i++) {
    hex += hexes[bytes[i]];
  }
  return hex;
}
function asciiToBase16(ch) {
  return ch >= 48 && ch <= 57 ? ch - 48 : ch >= 65 && ch <= 70 ? ch - (65 - 10) : ch >= 97 && ch <= 102 ? ch - (97 - 10) : void 0;
}
function hexToBytes(hex) {
  if (typeof hex !== "string")
    throw new TypeError("hex string expected, got " + typeof hex);
  if (hasHexBuiltin) {
    try {
      return Uint8Array.fromHex(hex);
    } catch (error) {
      if (error instanceof SyntaxError)
        throw new RangeError(error.message);
      throw error;
    }
  }
  const hl = hex.length;
  const al = hl / 2;
  if (hl % 2)
    throw new RangeError("hex string expected, got unpadded hex of length " + hl);
  const array = new Uint8Array(al);
  for (let ai = 0, hi = 0; ai < al; ai++, hi += 2) {
    const n1 = asciiToBase16(hex.charCodeAt(hi));
    const n2 = asciiToBase16(hex.charCodeAt(hi + 1));
    if (n1 === void 0 || n2 === void 0) {
      const char = hex[hi] + hex[hi + 1];
      throw new RangeError('hex string expected, got non-hex character "' + char + '" at index ' + hi);
    }
    array[ai] = n1 * 16 + n2;
  }
  return array;
}
function concatBytes(...arrays) {
  let sum = 0;
  for (let i = 0; i < arrays.length; i++) {
    const a = arrays[i];
    abytes(a);
    sum += a.length;
  }
  const res = new Uint8Array(sum);
  for (let i = 0, pad = 0; i < arrays.length; i++) {
    const a = arrays[i];
    res.set(a, pad);
    pad += a.length;
  }
  return res;
}
function checkOpts(defaults, opts, title = "opts") {
  aopts(defaults, "defaults");
  if (opts !== void 0)
    aopts(opts, title);
  const merged = Object.assign(/* @__PURE__ */ Object.create(null), defaults, opts);
  return merged;
}
function createHasher(hashCons, info = {}) {
  if (typeof hashCons !== "function")
    throw new TypeError('"hashCons" expected function, got type=' + typeof hashCons);
  info = checkOpts({}, info, "info");
  const hashC = (msg, opts) => hashCons(opts).update(msg).digest();
  const tmp = hashCons(void 0);
  hashC.outputLen = tmp.outputLen;
  hashC.blockLen = tmp.blockLen;
  hashC.canXOF = tmp.canXOF;
  hashC.create = (opts) => hashCons(opts);
  Object.assign(hashC, info);
  return Object.freeze(hashC);
}
function randomBytes(bytesLength = 32) {
  anumber(bytesLength, "bytesLength");
  const cr = typeof globalThis === "object" ? globalThis.crypto : null;
  if (typeof cr?.getRandomValues !== "function")
    throw new Error("crypto.getRandomValues must be defined");
  if (bytesLength > 65536)
    throw new RangeError(`"bytesLength" expected <= 65536, got ${bytesLength}`);
  return cr.getRandomValues(new Uint8Array(bytesLength));
}
var oidNist = (suffix) => ({
  // Current NIST hashAlgs suffixes used here fit in one DER subidentifier octet.
  // Larger suffix values would need base-128 OID encoding and a different length byte.
  oid: Uint8Array.from([6, 9, 96, 134, 72, 1, 101, 3, 4, 2, suffix])
});

// node_modules/@noble/hashes/_md.js
function Chi(a, b, c) {
  return a & b ^ ~a & c;
}
function Maj(a, b, c) {
  return a & b ^ a & c ^ b & c;
}
var HashMD = class {
  blockLen;
  outputLen;
  canXOF = false;
  padOffset;
  isLE;
  // For partial updates less than block size
  buffer;
  view;
  finished = false;
  length = 0;
  pos = 0;
  destroyed = false;
  constructor(blockLen, outputLen, padOffset, isLE) {
    this.blockLen = blockLen;
    this.outputLen = outputLen;
    this.padOffset = padOffset;
    this.isLE = isLE;
    this.buffer = new Uint8Array(blockLen);
    this.view = createView(this.buffer);
  }
  update(data) {
    aexists(this);
    abytes(data);
    const { view, buffer, blockLen } = this;
    const len = data.length;
    let processed = false;
    for (let pos = 0; pos < len; ) {
      const take = Math.min(blockLen - this.pos, len - pos);
      if (take === blockLen) {
        const dataView = createView(data);
        for (; blockLen <= len - pos; pos += blockLen)
          this.process(dataView, pos);
        processed = true;
        continue;
      }
      buffer.set(pos === 0 && take === len ? data : data.subarray(pos, pos + take), this.pos);
      this.pos += take;
      pos += take;
      if (this.pos === blockLen) {
        this.process(view, 0);
        this.pos = 0;
        processed = true;
      }
    }
    this.length += data.length;
    if (processed)
      this.roundClean();
    return this;
  }
  digestInto(out) {
    aexists(this);
    aoutput(out, this);
    this.finished = true;
    const { buffer, view, blockLen, isLE } = this;
    let { pos } = this;
    buffer[pos++] = 128;
    buffer.fill(0, pos);
    if (this.padOffset > blockLen - pos) {
      this.process(view, 0);
      buffer.fill(0);
    }
    setU64FromNum(view, blockLen - 8, this.length * 8, isLE);
    this.process(view, 0);
    this.roundClean();
    const oview = out === buffer ? view : createView(out);
    const len = this.outputLen;
    const outLen = len / 4;
    const state = this.get();
    if (len % 4 || outLen > state.length)
      throw new Error("invalid outputLen");
    for (let i = 0; i < outLen; i++)
      oview.setUint32(4 * i, state[i], isLE);
  }
  digest() {
    const { buffer, outputLen } = this;
    this.digestInto(buffer);
    const res = buffer.slice(0, outputLen);
    this.destroy();
    return res;
  }
  _cloneIntoMeta(to) {
    const { buffer, length, finished, destroyed, pos } = this;
    to.destroyed = destroyed;
    to.finished = finished;
    to.length = length;
    to.pos = pos;
    if (pos)
      to.buffer.set(buffer);
    return to;
  }
  clone() {
    return this._cloneInto();
  }
};
var SHA256_IV = /* @__PURE__ */ Uint32Array.from([
  1779033703,
  3144134277,
  1013904242,
  2773480762,
  1359893119,
  2600822924,
  528734635,
  1541459225
]);
var SHA512_IV = /* @__PURE__ */ Uint32Array.from([
  1779033703,
  4089235720,
  3144134277,
  2227873595,
  1013904242,
  4271175723,
  2773480762,
  1595750129,
  1359893119,
  2917565137,
  2600822924,
  725511199,
  528734635,
  4215389547,
  1541459225,
  327033209
]);

// node_modules/@noble/hashes/sha2.js
var SHA256_K = /* @__PURE__ */ Uint32Array.from([
  1116352408,
  1899447441,
  3049323471,
  3921009573,
  961987163,
  1508970993,
  2453635748,
  2870763221,
  3624381080,
  310598401,
  607225278,
  1426881987,
  1925078388,
  2162078206,
  2614888103,
  3248222580,
  3835390401,
  4022224774,
  264347078,
  604807628,
  770255983,
  1249150122,
  1555081692,
  1996064986,
  2554220882,
  2821834349,
  2952996808,
  3210313671,
  3336571891,
  3584528711,
  113926993,
  338241895,
  666307205,
  773529912,
  1294757372,
  1396182291,
  1695183700,
  1986661051,
  2177026350,
  2456956037,
  2730485921,
  2820302411,
  3259730800,
  3345764771,
  3516065817,
  3600352804,
  4094571909,
  275423344,
  430227734,
  506948616,
  659060556,
  883997877,
  958139571,
  1322822218,
  1537002063,
  1747873779,
  1955562222,
  2024104815,
  2227730452,
  2361852424,
  2428436474,
  2756734187,
  3204031479,
  3329325298
]);
var SHA256_W = /* @__PURE__ */ new Uint32Array(64);
var SHA2_32B = class extends HashMD {
  // We cannot use array here since array allows indexing by variable
  // which means optimizer/compiler cannot use registers.
  // Numeric initializers matter: starting the fields as `undefined` changes
  // V8's field representation and makes sha256 3x slower (measured).
  A = 0;
  B = 0;
  C = 0;
  D = 0;
  E = 0;
  F = 0;
  G = 0;
  H = 0;
  constructor(outputLen, IV) {
    super(64, outputLen, 8, false);
    this.A = IV[0] | 0;
    this.B = IV[1] | 0;
    this.C = IV[2] | 0;
    this.D = IV[3] | 0;
    this.E = IV[4] | 0;
    this.F = IV[5] | 0;
    this.G = IV[6] | 0;
    this.H = IV[7] | 0;
  }
  get() {
    const { A, B, C, D, E, F, G, H } = this;
    return [A, B, C, D, E, F, G, H];
  }
  // prettier-ignore
  set(A, B, C, D, E, F, G, H) {
    this.A = A | 0;
    this.B = B | 0;
    this.C = C | 0;
    this.D = D | 0;
    this.E = E | 0;
    this.F = F | 0;
    this.G = G | 0;
    this.H = H | 0;
  }
  _cloneInto(to) {
    (to ||= new this.constructor()).set(...this.get());
    return this._cloneIntoMeta(to);
  }
  process(view, offset) {
    for (let i = 0; i < 16; i++, offset += 4)
      SHA256_W[i] = view.getUint32(offset, false);
    for (let i = 16; i < 64; i++) {
      const W15 = SHA256_W[i - 15];
      const W2 = SHA256_W[i - 2];
      const s0 = rotr(W15, 7) ^ rotr(W15, 18) ^ W15 >>> 3;
      const s1 = rotr(W2, 17) ^ rotr(W2, 19) ^ W2 >>> 10;
      SHA256_W[i] = s1 + SHA256_W[i - 7] + s0 + SHA256_W[i - 16] | 0;
    }
    let { A, B, C, D, E, F, G, H } = this;
    for (let i = 0; i < 64; i++) {
      const sigma1 = rotr(E, 6) ^ rotr(E, 11) ^ rotr(E, 25);
      const T1 = H + sigma1 + Chi(E, F, G) + SHA256_K[i] + SHA256_W[i] | 0;
      const sigma0 = rotr(A, 2) ^ rotr(A, 13) ^ rotr(A, 22);
      const T2 = sigma0 + Maj(A, B, C) | 0;
      H = G;
      G = F;
      F = E;
      E = D + T1 | 0;
      D = C;
      C = B;
      B = A;
      A = T1 + T2 | 0;
    }
    A = A + this.A | 0;
    B = B + this.B | 0;
    C = C + this.C | 0;
    D = D + this.D | 0;
    E = E + this.E | 0;
    F = F + this.F | 0;
    G = G + this.G | 0;
    H = H + this.H | 0;
    this.set(A, B, C, D, E, F, G, H);
  }
  roundClean() {
    clean(SHA256_W);
  }
  destroy() {
    this.destroyed = true;
    this.set(0, 0, 0, 0, 0, 0, 0, 0);
    clean(this.buffer);
  }
};
var _SHA256 = class extends SHA2_32B {
  constructor() {
    super(32, SHA256_IV);
  }
};
var K512 = /* @__PURE__ */ (() => split([
  "0x428a2f98d728ae22",
  "0x7137449123ef65cd",
  "0xb5c0fbcfec4d3b2f",
  "0xe9b5dba58189dbbc",
  "0x3956c25bf348b538",
  "0x59f111f1b605d019",
  "0x923f82a4af194f9b",
  "0xab1c5ed5da6d8118",
  "0xd807aa98a3030242",
  "0x12835b0145706fbe",
  "0x243185be4ee4b28c",
  "0x550c7dc3d5ffb4e2",
  "0x72be5d74f27b896f",
  "0x80deb1fe3b1696b1",
  "0x9bdc06a725c71235",
  "0xc19bf174cf692694",
  "0xe49b69c19ef14ad2",
  "0xefbe4786384f25e3",
  "0x0fc19dc68b8cd5b5",
  "0x240ca1cc77ac9c65",
  "0x2de92c6f592b0275",
  "0x4a7484aa6ea6e483",
  "0x5cb0a9dcbd41fbd4",
  "0x76f988da831153b5",
  "0x983e5152ee66dfab",
  "0xa831c66d2db43210",
  "0xb00327c898fb213f",
  "0xbf597fc7beef0ee4",
  "0xc6e00bf33da88fc2",
  "0xd5a79147930aa725",
  "0x06ca6351e003826f",
  "0x142929670a0e6e70",
  "0x27b70a8546d22ffc",
  "0x2e1b21385c26c926",
  "0x4d2c6dfc5ac42aed",
  "0x53380d139d95b3df",
  "0x650a73548baf63de",
  "0x766a0abb3c77b2a8",
  "0x81c2c92e47edaee6",
  "0x92722c851482353b",
  "0xa2bfe8a14cf10364",
  "0xa81a664bbc423001",
  "0xc24b8b70d0f89791",
  "0xc76c51a30654be30",
  "0xd192e819d6ef5218",
  "0xd69906245565a910",
  "0xf40e35855771202a",
  "0x106aa07032bbd1b8",
  "0x19a4c116b8d2d0c8",
  "0x1e376c085141ab53",
  "0x2748774cdf8eeb99",
  "0x34b0bcb5e19b48a8",
  "0x391c0cb3c5c95a63",
  "0x4ed8aa4ae3418acb",
  "0x5b9cca4f7763e373",
  "0x682e6ff3d6b2b8a3",
  "0x748f82ee5defb2fc",
  "0x78a5636f43172f60",
  "0x84c87814a1f0ab72",
  "0x8cc702081a6439ec",
  "0x90befffa23631e28",
  "0xa4506cebde82bde9",
  "0xbef9a3f7b2c67915",
  "0xc67178f2e372532b",
  "0xca273eceea26619c",
  "0xd186b8c721c0c207",
  "0xeada7dd6cde0eb1e",
  "0xf57d4f7fee6ed178",
  "0x06f067aa72176fba",
  "0x0a637dc5a2c898a6",
  "0x113f9804bef90dae",
  "0x1b710b35131c471b",
  "0x28db77f523047d84",
  "0x32caab7b40c72493",
  "0x3c9ebe0a15c9bebc",
  "0x431d67c49c100d4c",
  "0x4cc5d4becb3e42b6",
  "0x597f299cfc657e2a",
  "0x5fcb6fab3ad6faec",
  "0x6c44198c4a475817"
].map((n) => BigInt(n))))();
var SHA512_Kh = /* @__PURE__ */ (() => K512[0])();
var SHA512_Kl = /* @__PURE__ */ (() => K512[1])();
var SHA512_W_H = /* @__PURE__ */ new Uint32Array(80);
var SHA512_W_L = /* @__PURE__ */ new Uint32Array(80);
var SHA2_64B = class extends HashMD {
  // We cannot use array here since array allows indexing by variable
  // which means optimizer/compiler cannot use registers.
  // h -- high 32 bits, l -- low 32 bits
  // Numeric initializers matter: starting the fields as `undefined` changes
  // V8's field representation and slows hashing down (measured on sha256).
  Ah = 0;
  Al = 0;
  Bh = 0;
  Bl = 0;
  Ch = 0;
  Cl = 0;
  Dh = 0;
  Dl = 0;
  Eh = 0;
  El = 0;
  Fh = 0;
  Fl = 0;
  Gh = 0;
  Gl = 0;
  Hh = 0;
  Hl = 0;
  constructor(outputLen, IV) {
    super(128, outputLen, 16, false);
    this.Ah = IV[0] | 0;
    this.Al = IV[1] | 0;
    this.Bh = IV[2] | 0;
    this.Bl = IV[3] | 0;
    this.Ch = IV[4] | 0;
    this.Cl = IV[5] | 0;
    this.Dh = IV[6] | 0;
    this.Dl = IV[7] | 0;
    this.Eh = IV[8] | 0;
    this.El = IV[9] | 0;
    this.Fh = IV[10] | 0;
    this.Fl = IV[11] | 0;
    this.Gh = IV[12] | 0;
    this.Gl = IV[13] | 0;
    this.Hh = IV[14] | 0;
    this.Hl = IV[15] | 0;
  }
  // prettier-ignore
  get() {
    const { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
    return [Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl];
  }
  // prettier-ignore
  set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl) {
    this.Ah = Ah | 0;
    this.Al = Al | 0;
    this.Bh = Bh | 0;
    this.Bl = Bl | 0;
    this.Ch = Ch | 0;
    this.Cl = Cl | 0;
    this.Dh = Dh | 0;
    this.Dl = Dl | 0;
    this.Eh = Eh | 0;
    this.El = El | 0;
    this.Fh = Fh | 0;
    this.Fl = Fl | 0;
    this.Gh = Gh | 0;
    this.Gl = Gl | 0;
    this.Hh = Hh | 0;
    this.Hl = Hl | 0;
  }
  _cloneInto(to) {
    (to ||= new this.constructor()).set(...this.get());
    return this._cloneIntoMeta(to);
  }
  process(view, offset) {
    for (let i = 0; i < 16; i++, offset += 4) {
      SHA512_W_H[i] = view.getUint32(offset);
      SHA512_W_L[i] = view.getUint32(offset += 4);
    }
    for (let i = 16; i < 80; i++) {
      const W15h = SHA512_W_H[i - 15] | 0;
      const W15l = SHA512_W_L[i - 15] | 0;
      const s0h = rotrSH(W15h, W15l, 1) ^ rotrSH(W15h, W15l, 8) ^ shrSH(W15h, W15l, 7);
      const s0l = rotrSL(W15h, W15l, 1) ^ rotrSL(W15h, W15l, 8) ^ shrSL(W15h, W15l, 7);
      const W2h = SHA512_W_H[i - 2] | 0;
      const W2l = SHA512_W_L[i - 2] | 0;
      const s1h = rotrSH(W2h, W2l, 19) ^ rotrBH(W2h, W2l, 61) ^ shrSH(W2h, W2l, 6);
      const s1l = rotrSL(W2h, W2l, 19) ^ rotrBL(W2h, W2l, 61) ^ shrSL(W2h, W2l, 6);
      const SUMl = add4L(s0l, s1l, SHA512_W_L[i - 7], SHA512_W_L[i - 16]);
      const SUMh = add4H(SUMl, s0h, s1h, SHA512_W_H[i - 7], SHA512_W_H[i - 16]);
      SHA512_W_H[i] = SUMh | 0;
      SHA512_W_L[i] = SUMl | 0;
    }
    let { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
    for (let i = 0; i < 80; i++) {
      const sigma1h = rotrSH(Eh, El, 14) ^ rotrSH(Eh, El, 18) ^ rotrBH(Eh, El, 41);
      const sigma1l = rotrSL(Eh, El, 14) ^ rotrSL(Eh, El, 18) ^ rotrBL(Eh, El, 41);
      const CHIh = Eh & Fh ^ ~Eh & Gh;
      const CHIl = El & Fl ^ ~El & Gl;
      const T1ll = add5L(Hl, sigma1l, CHIl, SHA512_Kl[i], SHA512_W_L[i]);
      const T1h = add5H(T1ll, Hh, sigma1h, CHIh, SHA512_Kh[i], SHA512_W_H[i]);
      const T1l = T1ll | 0;
      const sigma0h = rotrSH(Ah, Al, 28) ^ rotrBH(Ah, Al, 34) ^ rotrBH(Ah, Al, 39);
      const sigma0l = rotrSL(Ah, Al, 28) ^ rotrBL(Ah, Al, 34) ^ rotrBL(Ah, Al, 39);
      const MAJh = Ah & Bh ^ Ah & Ch ^ Bh & Ch;
      const MAJl = Al & Bl ^ Al & Cl ^ Bl & Cl;
      Hh = Gh | 0;
      Hl = Gl | 0;
      Gh = Fh | 0;
      Gl = Fl | 0;
      Fh = Eh | 0;
      Fl = El | 0;
      ({ h: Eh, l: El } = add(Dh | 0, Dl | 0, T1h | 0, T1l | 0));
      Dh = Ch | 0;
      Dl = Cl | 0;
      Ch = Bh | 0;
      Cl = Bl | 0;
      Bh = Ah | 0;
      Bl = Al | 0;
      const All = add3L(T1l, sigma0l, MAJl);
      Ah = add3H(All, T1h, sigma0h, MAJh);
      Al = All | 0;
    }
    ({ h: Ah, l: Al } = add(this.Ah | 0, this.Al | 0, Ah | 0, Al | 0));
    ({ h: Bh, l: Bl } = add(this.Bh | 0, this.Bl | 0, Bh | 0, Bl | 0));
    ({ h: Ch, l: Cl } = add(this.Ch | 0, this.Cl | 0, Ch | 0, Cl | 0));
    ({ h: Dh, l: Dl } = add(this.Dh | 0, this.Dl | 0, Dh | 0, Dl | 0));
    ({ h: Eh, l: El } = add(this.Eh | 0, this.El | 0, Eh | 0, El | 0));
    ({ h: Fh, l: Fl } = add(this.Fh | 0, this.Fl | 0, Fh | 0, Fl | 0));
    ({ h: Gh, l: Gl } = add(this.Gh | 0, this.Gl | 0, Gh | 0, Gl | 0));
    ({ h: Hh, l: Hl } = add(this.Hh | 0, this.Hl | 0, Hh | 0, Hl | 0));
    this.set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl);
  }
  roundClean() {
    clean(SHA512_W_H, SHA512_W_L);
  }
  destroy() {
    this.destroyed = true;
    clean(this.buffer);
    this.set(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
};
var _SHA512 = class extends SHA2_64B {
  constructor() {
    super(64, SHA512_IV);
  }
};
var sha256 = /* @__PURE__ */ createHasher(
  () => new _SHA256(),
  /* @__PURE__ */ oidNist(1)
);
var sha512 = /* @__PURE__ */ createHasher(
  () => new _SHA512(),
  /* @__PURE__ */ oidNist(3)
);

// src/hashes.ts
var HASH_LENGTH = 32;
function tagged(tag, ...data) {
  return sha256(concatenate(Uint8Array.of(tag.length), ascii(tag), ...data));
}

// src/refused.ts
var Refused = class extends Error {
  /** The rule's name in docs/PROTOCOL.md; of nested rules only the last name. */
  rule;
  constructor(rule, sentence) {
    super(sentence);
    this.name = "Refused";
    this.rule = rule;
  }
};
function quoted(name) {
  const shown = name.slice(0, 40).replace(/[^ -~]/g, "?");
  return name.length > 40 ? `'${shown}…'` : `'${shown}'`;
}
function ensure(condition, rule, sentence) {
  if (!condition) throw new Refused(rule, sentence);
}

// src/reader.ts
var Reader = class {
  constructor(input) {
    this.input = input;
    this.view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  }
  input;
  offset = 0;
  view;
  outOfOrder = null;
  /** Where the next byte is; with `since`, for structures whose own bytes are hashed. */
  get position() {
    return this.offset;
  }
  /** The input from an earlier position up to here. */
  since(position) {
    return this.input.subarray(position, this.offset);
  }
  fixed(length) {
    const start = this.advance(length);
    return this.input.subarray(start, start + length);
  }
  hash() {
    return this.fixed(HASH_LENGTH);
  }
  u8() {
    return this.view.getUint8(this.advance(1));
  }
  u16() {
    return this.view.getUint16(this.advance(2), true);
  }
  u32() {
    return this.view.getUint32(this.advance(4), true);
  }
  u64() {
    return this.view.getBigUint64(this.advance(8), true);
  }
  version(what) {
    const version = this.u8();
    ensure(version === 1, "UnknownVersion", `${what} has version ${version}, and this verifier knows only version 1`);
  }
  /** One of the numbered variants. */
  variant(what, variants) {
    const number = this.u8();
    const name = Object.hasOwn(variants, number) ? variants[number] : void 0;
    if (name === void 0) throw new Refused("Malformed", `${what} has an unknown number, ${number}`);
    return name;
  }
  option(what, read) {
    const byte = this.u8();
    ensure(byte <= 1, "Malformed", `the byte that says whether there is ${what} is neither 0 nor 1`);
    return byte === 0 ? null : read();
  }
  /** A count or length, refused before anything of what it counts is read. */
  count(what, least, most) {
    const count = this.u32();
    checkCount(what, count, least, most);
    return count;
  }
  list(what, least, most, read) {
    const count = this.count(what, least, most);
    const values = [];
    for (let index = 0; index < count; index += 1) values.push(read());
    return values;
  }
  bytes(what, least, most) {
    return this.fixed(this.count(what, least, most));
  }
  text(what, least, most) {
    const text = fromUtf8(this.bytes(what, least, most));
    if (text === null) throw new Refused("Malformed", `${what} is not UTF-8`);
    return text;
  }
  /**
   * Notes that what was read has another encoding than its own. It is refused at the end, as if the
   * value had been encoded again and compared: a fault that keeps it from being read comes first.
   */
  notCanonical(sentence) {
    this.outOfOrder ??= sentence;
  }
  finish(what) {
    const left = this.input.length - this.offset;
    ensure(left === 0, "TrailingBytes", `${what} is followed by ${left} bytes that do not belong to it`);
    if (this.outOfOrder !== null) throw new Refused("NotCanonical", this.outOfOrder);
  }
  advance(length) {
    const start = this.offset;
    ensure(length <= this.input.length - start, "Malformed", "the encoding ends early");
    this.offset = start + length;
    return start;
  }
};
function checkCount(what, count, least, most) {
  ensure(count <= most, "TooMany", `${what}: ${count} announced, and at most ${most} are allowed`);
  ensure(count >= least, "TooFew", `${what}: ${count} announced, and at least ${least} are needed`);
}
function checkLength(what, length, limit) {
  ensure(length <= limit, "TooLong", `${what} has ${length} bytes, and at most ${limit} are allowed`);
}
function decode(structure, input) {
  checkLength(structure.name, input.length, structure.limit);
  const reader = new Reader(input);
  const value = structure.read(reader);
  reader.finish(structure.name);
  return value;
}

// node_modules/@noble/curves/utils.js
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
function aarray(item, title, inner = () => {
}) {
  if (!Array.isArray(item))
    throw new TypeError(`"${title}" expected array, got type=${typeof item}`);
  for (let i = 0; i < item.length; i++)
    inner(item[i], `${title}[${i}]`);
  return item;
}
var abytes2 = (value, length, title) => abytes(value, length, title);
var anumber2 = anumber;
function aobject2(value, title = "object") {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new TypeError(title === "object" ? "expected valid options object" : `"${title}" expected object, got type=${typeof value}`);
  return value;
}
function afunction(value, title) {
  if (typeof value !== "function")
    throw new TypeError(`"${title}" is invalid: expected function, got ${typeof value}`);
  return value;
}
var bytesToHex2 = bytesToHex;
var concatBytes2 = (...arrays) => concatBytes(...arrays);
var hexToBytes2 = (hex) => hexToBytes(hex);
var isBytes2 = isBytes;
var randomBytes2 = (bytesLength) => randomBytes(bytesLength);
var _0n = /* @__PURE__ */ BigInt(0);
var _1n = /* @__PURE__ */ BigInt(1);
var atitle2 = (title) => title ? `"${title}" ` : "";
function abool(value, title = "") {
  if (typeof value !== "boolean")
    throw new TypeError(atitle2(title) + "expected boolean, got type=" + typeof value);
  return value;
}
function abignumber(n) {
  if (typeof n === "bigint") {
    if (!isPosBig(n))
      throw new RangeError("positive bigint expected, got " + n);
  } else
    anumber2(n);
  return n;
}
function asafenumber(value, title = "") {
  if (typeof value !== "number") {
    const prefix = title && `"${title}" `;
    throw new TypeError(prefix + "expected number, got type=" + typeof value);
  }
  if (!Number.isSafeInteger(value)) {
    const prefix = title && `"${title}" `;
    throw new RangeError(prefix + "expected safe integer, got " + value);
  }
}
function hexToNumber(hex) {
  if (typeof hex !== "string")
    throw new TypeError("hex string expected, got " + typeof hex);
  return hex === "" ? _0n : BigInt("0x" + hex);
}
function bytesToNumberBE(bytes) {
  return hexToNumber(bytesToHex(bytes));
}
function bytesToNumberLE(bytes) {
  return hexToNumber(bytesToHex(copyBytes(abytes(bytes)).reverse()));
}
function numberToBytesBE(n, len) {
  anumber(len);
  if (len === 0)
    throw new Error("zero output length is invalid");
  n = abignumber(n);
  const expectedLen = len * 2;
  const hex = n.toString(16);
  if (hex.length > expectedLen)
    throw new RangeError("number is too large");
  return hexToBytes(hex.padStart(expectedLen, "0"));
}
function numberToBytesLE(n, len) {
  return numberToBytesBE(n, len).reverse();
}
function copyBytes(bytes) {
  return Uint8Array.from(abytes2(bytes));
}
function isPosBig(n) {
  return typeof n === "bigint" && _0n <= n;
}
function inRange(n, min, max) {
  return isPosBig(n) && isPosBig(min) && isPosBig(max) && min <= n && n < max;
}
function aInRange(title, n, min, max) {
  if (!inRange(n, min, max))
    throw new RangeError("expected valid " + title + ": " + min + " <= n < " + max + ", got " + n);
}
function bitLen(n) {
  if (n < _0n)
    throw new Error("expected non-negative bigint, got " + n);
  return n === _0n ? 0 : n.toString(2).length;
}
var bitMask = (n) => {
  asafenumber(n, "n");
  return (_1n << BigInt(n)) - _1n;
};
function validateObject(object, fields = {}, optFields = {}, title = "object") {
  aobject2(object, title);
  aobject2(fields, "fields");
  aobject2(optFields, "optFields");
  function checkField(fieldName, expectedType, isOpt) {
    const label = title === "object" ? `param "${String(fieldName)}"` : `"${title}.${String(fieldName)}"`;
    const val = object[fieldName];
    if (!Object.hasOwn(object, fieldName) && (isOpt ? val !== void 0 : expectedType !== "function")) {
      throw new TypeError(`${label} is invalid: expected own property`);
    }
    if (isOpt && val === void 0)
      return;
    const current = typeof val;
    if (current !== expectedType || val === null)
      throw new TypeError(`${label} is invalid: expected ${expectedType}, got ${current}`);
  }
  const iter = (f, isOpt) => Object.entries(f).forEach(([k, v]) => checkField(k, v, isOpt));
  iter(fields, false);
  iter(optFields, true);
}

// node_modules/@noble/curves/abstract/modular.js
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
var _0n2 = /* @__PURE__ */ BigInt(0);
var _1n2 = /* @__PURE__ */ BigInt(1);
var _2n = /* @__PURE__ */ BigInt(2);
var _3n = /* @__PURE__ */ BigInt(3);
var _4n = /* @__PURE__ */ BigInt(4);
var _5n = /* @__PURE__ */ BigInt(5);
var _7n = /* @__PURE__ */ BigInt(7);
var _8n = /* @__PURE__ */ BigInt(8);
var _9n = /* @__PURE__ */ BigInt(9);
var _15n = /* @__PURE__ */ BigInt(15);
var _16n = /* @__PURE__ */ BigInt(16);
var POW_WINDOWED_MIN = /* @__PURE__ */ BigInt("0x10000000000000000");
function mod(a, b) {
  if (b <= _0n2)
    throw new Error("mod: expected positive modulus, got " + b);
  const result = a % b;
  return result >= _0n2 ? result : b + result;
}
function pow(num, power, modulo) {
  if (modulo <= _1n2)
    throw new Error("pow: expected modulus > 1, got " + modulo);
  if (typeof power !== "bigint")
    throw new TypeError("invalid exponent: expected bigint, got " + typeof power);
  if (power < _0n2)
    throw new Error("invalid exponent, negatives unsupported");
  if (power === _0n2)
    return _1n2;
  if (power === _1n2)
    return num;
  let d = num % modulo;
  if (d < _0n2)
    d += modulo;
  if (power < POW_WINDOWED_MIN) {
    let p2 = _1n2;
    while (power > _0n2) {
      if (power & _1n2)
        p2 = p2 * d % modulo;
      d = d * d % modulo;
      power >>= _1n2;
    }
    return p2;
  }
  const digits = [];
  while (power > _0n2) {
    digits.push(Number(power & _15n));
    power >>= _4n;
  }
  const table = new Array(16);
  table[0] = _1n2;
  table[1] = d;
  for (let i = 2; i < 16; i++)
    table[i] = table[i - 1] * d % modulo;
  let p = table[digits[digits.length - 1]];
  for (let w = digits.length - 2; w >= 0; w--) {
    p = p * p % modulo;
    p = p * p % modulo;
    p = p * p % modulo;
    p = p * p % modulo;
    const digit = digits[w];
    if (digit !== 0)
      p = p * table[digit] % modulo;
  }
  return p;
}
function pow2(x, power, modulo) {
  if (modulo <= _1n2)
    throw new Error("pow2: expected modulus > 1, got " + modulo);
  if (power < _0n2)
    throw new Error("pow2: expected non-negative exponent, got " + power);
  let res = x;
  while (power-- > _0n2) {
    res *= res;
    res %= modulo;
  }
  return res;
}
function invert(number, modulo) {
  if (number === _0n2)
    throw new Error("invert: expected non-zero number");
  if (modulo <= _1n2)
    throw new Error("invert: expected modulus > 1, got " + modulo);
  let a = mod(number, modulo);
  let b = modulo;
  let x = _0n2, u = _1n2;
  while (a !== _0n2) {
    const q = b / a;
    const r = b - a * q;
    const m = x - u * q;
    b = a, a = r, x = u, u = m;
  }
  const gcd = b;
  if (gcd !== _1n2)
    throw new Error("invert: does not exist");
  return mod(x, modulo);
}
function assertIsSquare(Fp2, root, n) {
  const F = Fp2;
  if (!F.eql(F.sqr(root), n))
    throw new Error("Cannot find square root");
}
function aoddModulus(order, fnName) {
  if ((order & _1n2) === _0n2)
    throw new Error(fnName + ": expected odd modulus, got " + order);
}
function sqrt3mod4(Fp2, n) {
  const F = Fp2;
  const p1div4 = (F.ORDER + _1n2) / _4n;
  const root = F.pow(n, p1div4);
  assertIsSquare(F, root, n);
  return root;
}
function sqrt5mod8(Fp2, n) {
  const F = Fp2;
  const p5div8 = (F.ORDER - _5n) / _8n;
  const n2 = F.mul(n, _2n);
  const v = F.pow(n2, p5div8);
  const nv = F.mul(n, v);
  const i = F.mul(F.mul(nv, _2n), v);
  const root = F.mul(nv, F.sub(i, F.ONE));
  assertIsSquare(F, root, n);
  return root;
}
function sqrt9mod16(P) {
  const Fp_ = Field(P);
  const tn = tonelliShanks(P);
  const c1 = tn(Fp_, Fp_.neg(Fp_.ONE));
  const c2 = tn(Fp_, c1);
  const c3 = tn(Fp_, Fp_.neg(c1));
  const c4 = (P + _7n) / _16n;
  return ((Fp2, n) => {
    const F = Fp2;
    let tv1 = F.pow(n, c4);
    let tv2 = F.mul(tv1, c1);
    const tv3 = F.mul(tv1, c2);
    const tv4 = F.mul(tv1, c3);
    const e1 = F.eql(F.sqr(tv2), n);
    const e2 = F.eql(F.sqr(tv3), n);
    tv1 = F.cmov(tv1, tv2, e1);
    tv2 = F.cmov(tv4, tv3, e2);
    const e3 = F.eql(F.sqr(tv2), n);
    const root = F.cmov(tv1, tv2, e3);
    assertIsSquare(F, root, n);
    return root;
  });
}
function tonelliShanks(P) {
  if (P < _3n)
    throw new Error("sqrt is not defined for small field");
  aoddModulus(P, "tonelliShanks");
  let Q = P - _1n2;
  let S = 0;
  while (Q % _2n === _0n2) {
    Q /= _2n;
    S++;
  }
  let Z = _2n;
  const _Fp = Field(P);
  while (FpLegendre(_Fp, Z) === 1) {
    if (Z++ > 1e3)
      throw new Error("Cannot find square root: probably non-prime P");
  }
  if (S === 1)
    return sqrt3mod4;
  let cc = _Fp.pow(Z, Q);
  const Q1div2 = (Q + _1n2) / _2n;
  return function tonelliSlow(Fp2, n) {
    const F = Fp2;
    if (F.is0(n))
      return n;
    if (FpLegendre(F, n) !== 1)
      throw new Error("Cannot find square root");
    let M = S;
    let c = F.mul(F.ONE, cc);
    let t = F.pow(n, Q);
    let R = F.pow(n, Q1div2);
    while (!F.eql(t, F.ONE)) {
      if (F.is0(t))
        throw new Error("Cannot find square root: probably non-prime P");
      let i = 1;
      let t_tmp = F.sqr(t);
      while (!F.eql(t_tmp, F.ONE)) {
        i++;
        t_tmp = F.sqr(t_tmp);
        if (i === M)
          throw new Error("Cannot find square root");
      }
      const exponent = _1n2 << BigInt(M - i - 1);
      const b = F.pow(c, exponent);
      M = i;
      c = F.sqr(b);
      t = F.mul(t, c);
      R = F.mul(R, b);
    }
    return R;
  };
}
function FpSqrt(P) {
  aoddModulus(P, "Fp.sqrt");
  if (P % _4n === _3n)
    return sqrt3mod4;
  if (P % _8n === _5n)
    return sqrt5mod8;
  if (P % _16n === _9n)
    return sqrt9mod16(P);
  return tonelliShanks(P);
}
var isNegativeLE = (num, modulo) => (mod(num, modulo) & _1n2) === _1n2;
var FIELD_FIELDS = [
  "create",
  "isValid",
  "is0",
  "neg",
  "inv",
  "sqrt",
  "sqr",
  "eql",
  "add",
  "sub",
  "mul",
  "pow",
  "div",
  "addN",
  "subN",
  "mulN",
  "sqrN"
];
function validateField(field) {
  aobject2(field, "field");
  if (typeof field.ORDER !== "bigint")
    throw new TypeError('param "ORDER" is invalid: expected bigint, got ' + typeof field.ORDER);
  asafenumber(field.BYTES, "BYTES");
  asafenumber(field.BITS, "BITS");
  for (const name of FIELD_FIELDS)
    afunction(field[name], "field." + name);
  if (field.BYTES < 1 || field.BITS < 1)
    throw new Error("invalid field: expected BYTES/BITS > 0");
  if (field.ORDER <= _1n2)
    throw new Error("invalid field: expected ORDER > 1, got " + field.ORDER);
  return field;
}
function FpInvertBatch(Fp2, nums, passZero = false) {
  validateField(Fp2);
  aarray(nums, "nums");
  abool(passZero, "passZero");
  const F = Fp2;
  const inverted = new Array(nums.length).fill(passZero ? F.ZERO : void 0);
  const multipliedAcc = nums.reduce((acc, num, i) => {
    if (F.is0(num))
      return acc;
    inverted[i] = acc;
    return F.mul(acc, num);
  }, F.ONE);
  const invertedAcc = F.inv(multipliedAcc);
  nums.reduceRight((acc, num, i) => {
    if (F.is0(num))
      return acc;
    inverted[i] = F.mul(acc, inverted[i]);
    return F.mul(acc, num);
  }, invertedAcc);
  return inverted;
}
function FpLegendre(Fp2, n) {
  validateField(Fp2);
  const F = Fp2;
  aoddModulus(F.ORDER, "FpLegendre");
  const p1mod2 = (F.ORDER - _1n2) / _2n;
  const powered = F.pow(n, p1mod2);
  const yes = F.eql(powered, F.ONE);
  const zero = F.eql(powered, F.ZERO);
  const no = F.eql(powered, F.neg(F.ONE));
  if (!yes && !zero && !no)
    throw new Error("invalid Legendre symbol result");
  return yes ? 1 : zero ? 0 : -1;
}
function nLength(n, nBitLength) {
  if (nBitLength !== void 0)
    anumber2(nBitLength);
  if (n <= _0n2)
    throw new Error("invalid n length: expected positive n, got " + n);
  if (nBitLength !== void 0 && nBitLength < 1)
    throw new Error("invalid n length: expected positive bit length, got " + nBitLength);
  const bits = bitLen(n);
  if (nBitLength !== void 0 && nBitLength < bits)
    throw new Error(`invalid n length: expected nBitLength (${nBitLength}) >= bitLen(n) (${bits})`);
  const _nBitLength = nBitLength !== void 0 ? nBitLength : bits;
  const nByteLength = Math.ceil(_nBitLength / 8);
  return { nBitLength: _nBitLength, nByteLength };
}
var FIELD_SQRT = /* @__PURE__ */ new WeakMap();
var _Field = class {
  ORDER;
  BITS;
  BYTES;
  isLE;
  ZERO = _0n2;
  ONE = _1n2;
  _lengths;
  _mod;
  constructor(ORDER, opts = {}) {
    if (ORDER <= _1n2)
      throw new Error("invalid field: expected ORDER > 1, got " + ORDER);
    let _nbitLength = void 0;
    this.isLE = false;
    if (opts != null && typeof opts === "object") {
      if (typeof opts.BITS === "number")
        _nbitLength = opts.BITS;
      if (typeof opts.sqrt === "function")
        Object.defineProperty(this, "sqrt", { value: opts.sqrt, enumerable: true });
      if (typeof opts.isLE === "boolean")
        this.isLE = opts.isLE;
      if (opts.allowedLengths)
        this._lengths = Object.freeze(opts.allowedLengths.slice());
      if (typeof opts.modFromBytes === "boolean")
        this._mod = opts.modFromBytes;
    }
    const { nBitLength, nByteLength } = nLength(ORDER, _nbitLength);
    if (nByteLength > 2048)
      throw new Error("invalid field: expected ORDER of <= 2048 bytes");
    this.ORDER = ORDER;
    this.BITS = nBitLength;
    this.BYTES = nByteLength;
    Object.freeze(this);
  }
  create(num) {
    return mod(num, this.ORDER);
  }
  isValid(num) {
    if (typeof num !== "bigint")
      throw new TypeError("invalid field element: expected bigint, got " + typeof num);
    return _0n2 <= num && num < this.ORDER;
  }
  is0(num) {
    return num === _0n2;
  }
  // is valid and invertible
  isValidNot0(num) {
    return !this.is0(num) && this.isValid(num);
  }
  isOdd(num) {
    return (num & _1n2) === _1n2;
  }
  neg(num) {
    return mod(-num, this.ORDER);
  }
  eql(lhs, rhs) {
    return lhs === rhs;
  }
  sqr(num) {
    return mod(num * num, this.ORDER);
  }
  add(lhs, rhs) {
    return mod(lhs + rhs, this.ORDER);
  }
  sub(lhs, rhs) {
    return mod(lhs - rhs, this.ORDER);
  }
  mul(lhs, rhs) {
    return mod(lhs * rhs, this.ORDER);
  }
  pow(num, power) {
    return pow(num, power, this.ORDER);
  }
  div(lhs, rhs) {
    return mod(lhs * invert(rhs, this.ORDER), this.ORDER);
  }
  // Same as above, but doesn't normalize
  sqrN(num) {
    return num * num;
  }
  addN(lhs, rhs) {
    return lhs + rhs;
  }
  subN(lhs, rhs) {
    return lhs - rhs;
  }
  mulN(lhs, rhs) {
    return lhs * rhs;
  }
  inv(num) {
    return invert(num, this.ORDER);
  }
  sqrt(num) {
    let sqrt = FIELD_SQRT.get(this);
    if (!sqrt)
      FIELD_SQRT.set(this, sqrt = FpSqrt(this.ORDER));
    return sqrt(this, num);
  }
  toBytes(num) {
    return this.isLE ? numberToBytesLE(num, this.BYTES) : numberToBytesBE(num, this.BYTES);
  }
  fromBytes(bytes, skipValidation = false) {
    abytes2(bytes);
    const { _lengths: allowedLengths, BYTES, isLE, ORDER, _mod: modFromBytes } = this;
    if (allowedLengths) {
      if (bytes.length < 1 || !allowedLengths.includes(bytes.length) || bytes.length > BYTES) {
        throw new Error("Field.fromBytes: expected " + allowedLengths + " bytes, got " + bytes.length);
      }
      const padded = new Uint8Array(BYTES);
      padded.set(bytes, isLE ? 0 : padded.length - bytes.length);
      bytes = padded;
    }
    if (bytes.length !== BYTES)
      throw new Error("Field.fromBytes: expected " + BYTES + " bytes, got " + bytes.length);
    let scalar = isLE ? bytesToNumberLE(bytes) : bytesToNumberBE(bytes);
    if (modFromBytes)
      scalar = mod(scalar, ORDER);
    if (!skipValidation) {
      if (!this.isValid(scalar))
        throw new Error("invalid field element: outside of range 0..ORDER");
    }
    return scalar;
  }
  // TODO: we don't need it here, move out to separate fn
  invertBatch(lst) {
    return FpInvertBatch(this, lst, true);
  }
  // We can't move this out because Fp6, Fp12 implement it
  // and it's unclear what to return in there.
  cmov(a, b, condition) {
    abool(condition, "condition");
    return condition ? b : a;
  }
};
function Field(ORDER, opts = {}) {
  Object.freeze(_Field.prototype);
  return new _Field(ORDER, opts);
}

// node_modules/@noble/curves/abstract/curve.js
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
var _0n3 = /* @__PURE__ */ BigInt(0);
var _1n3 = /* @__PURE__ */ BigInt(1);
var _4n2 = /* @__PURE__ */ BigInt(4);
var BLIND_BYTES = 16;
var BLIND_BITS = 128;
var FW_WINDOW = 5;
var TABLE_BYTES_MAX = /* @__PURE__ */ (() => 2 ** 31)();
function validatePointCons(Point) {
  const pc = Point;
  if (typeof pc !== "function")
    throw new TypeError('"Point" expected constructor, got type=' + typeof Point);
  afunction(pc.fromAffine, "Point.fromAffine");
  afunction(pc.fromBytes, "Point.fromBytes");
  afunction(pc.fromHex, "Point.fromHex");
  aobject2(pc.BASE, "Point.BASE");
  aobject2(pc.ZERO, "Point.ZERO");
  validateField(pc.Fp);
  validateField(pc.Fn);
}
function normalizeZ(c, points) {
  validatePointCons(c);
  validateMSMPoints(points, c);
  const invertedZs = FpInvertBatch(c.Fp, points.map((p) => p.Z));
  return points.map((p, i) => c.fromAffine(p.toAffine(invertedZs[i])));
}
function validateW(W, bits, min = 1) {
  if (!Number.isSafeInteger(W) || W < min || W > bits)
    throw new Error("invalid window size, expected [" + min + ".." + bits + "], got W=" + W);
}
function validateTableBytes(numPoints, fpBytes) {
  const bytes = numPoints * (4 * fpBytes + 128);
  if (bytes > TABLE_BYTES_MAX)
    throw new Error("invalid window size: table would need ~" + Math.ceil(bytes / 2 ** 20) + " MiB, max " + TABLE_BYTES_MAX / 2 ** 20 + " MiB");
}
function probeRandomBytes(randomBytes3, length) {
  if (randomBytes3 === void 0)
    return void 0;
  afunction(randomBytes3, "randomBytes");
  try {
    const probe = randomBytes3(length);
    if (!isBytes2(probe) || probe.length !== length)
      return void 0;
  } catch {
    return void 0;
  }
  return randomBytes3;
}
function validateMSMPoints(points, c) {
  aarray(points, "points");
  points.forEach((p, i) => {
    if (!(p instanceof c))
      throw new Error("invalid point at index " + i);
  });
}
function validateMSMScalars(scalars, field, maxScalar) {
  if (!Array.isArray(scalars))
    throw new Error("array of scalars expected");
  scalars.forEach((s, i) => {
    const ok = maxScalar === void 0 ? field.isValid(s) : isPosBig(s) && s < maxScalar;
    if (!ok)
      throw new Error("invalid scalar at index " + i);
  });
}
var pointWindowSizes = /* @__PURE__ */ new WeakMap();
function getWindowSize(P) {
  return pointWindowSizes.get(P) || 1;
}
function oddMultiples(p, size) {
  const dbl = p.double();
  const t = [p];
  for (let j = 1; j < size; j++)
    t.push(t[j - 1].add(dbl));
  return t;
}
function wnafDigits(n, W) {
  const size = 2 ** W;
  const half = size / 2;
  const mask = BigInt(size - 1);
  const d = [];
  while (n > _0n3) {
    let w = 0;
    if (n & _1n3) {
      w = Number(n & mask);
      if (w >= half)
        w -= size;
      n -= BigInt(w);
    }
    d.push(w);
    n >>= _1n3;
  }
  return d;
}
function signedWindowDigits(n, W, windows) {
  const size = 2 ** W;
  const half = size / 2;
  const mask = BigInt(size - 1);
  const shiftBy = BigInt(W);
  const d = [];
  for (let w = 0; w < windows; w++) {
    let v = Number(n & mask);
    n >>= shiftBy;
    if (v > half) {
      v -= size;
      n += _1n3;
    }
    d.push(v);
  }
  if (n !== _0n3)
    throw new Error("invalid wnaf");
  return d;
}
function wnafWalk(zero, tables, digits) {
  let max = 0;
  for (const d of digits)
    max = Math.max(max, d.length);
  let acc = zero;
  for (let bit = max - 1; bit >= 0; bit--) {
    if (bit !== max - 1)
      acc = acc.double();
    for (let i = 0; i < digits.length; i++) {
      const w = digits[i][bit];
      if (w) {
        const item = tables[i][Math.abs(w) - 1 >> 1];
        acc = acc.add(w < 0 ? item.negate() : item);
      }
    }
  }
  return acc;
}
var ScalarMultiplier = class {
  Point;
  BASE;
  ZERO;
  randomBytes;
  wnafPrecomputes = /* @__PURE__ */ new WeakMap();
  baseCanBeBlinded;
  bits;
  // Parametrized with a given Point class (not individual point)
  constructor(Point, randomBytes3) {
    validatePointCons(Point);
    this.randomBytes = probeRandomBytes(randomBytes3, BLIND_BYTES);
    this.Point = Point;
    this.BASE = Point.BASE;
    this.ZERO = Point.ZERO;
    this.bits = Point.Fn.BITS;
  }
  /**
   * Creates a signed fixed-window wNAF precomputation table: for every window w, the
   * multiples `[1..2^(W−1)]⋅2^(w⋅W)⋅P`, flattened. All doublings are baked into the table,
   * so cached multiplication is additions-only. `windows = ceil(bits/W) + 1`: the extra
   * window absorbs the final carry of signed-digit recoding.
   * For a 256-bit curve and W=6, the table is 44⋅32 = 1408 points.
   * @param point - Point instance
   * @param W - window size
   * @param bits - scalar bitlength the table must cover
   */
  buildWnafTable(point, W, bits) {
    const windows = Math.ceil(bits / W) + 1;
    const half = 2 ** (W - 1);
    const comp = [];
    let base = point;
    for (let w = 0; w < windows; w++) {
      let acc = base;
      for (let i = 0; i < half; i++) {
        comp.push(acc);
        acc = acc.add(base);
      }
      base = comp[comp.length - 1].double();
    }
    return { W, bits, windows, comp };
  }
  /**
   * Implements ec multiplication using precomputed signed fixed-window wNAF tables.
   * Constant-time: fixed window count with one table addition per window — zero digits feed
   * the fake accumulator — and no doublings; the lookup scans the whole window slice.
   * Scalar bounds are validated by the public entry points ({@link ScalarMultiplier.mulCT},
   * {@link ScalarMultiplier.mulCTBlinded}, {@link ScalarMultiplier.mulUnsafe});
   * signedWindowDigits throws if `n` exceeds the table.
   * @returns real and fake (for const-time) points
   */
  wnafCachedCT(precomputes, n) {
    const { W, windows, comp } = precomputes;
    const half = 2 ** (W - 1);
    const digits = signedWindowDigits(n, W, windows);
    let p = this.ZERO;
    let f = this.BASE;
    for (let w = 0; w < windows; w++) {
      const digit = digits[w];
      const start = w * half;
      const idx = Math.abs(digit) - 1;
      let sel = comp[start];
      for (let i = 1; i < half; i++)
        sel = i === idx ? comp[start + i] : sel;
      const neg = sel.negate();
      if (digit === 0)
        f = f.add(comp[start]);
      else
        p = p.add(digit < 0 ? neg : sel);
    }
    return { p, f };
  }
  // Cache key is point identity plus (W, bits); at most two entries exist per point (public-width
  // `Fn.BITS` and blinded `Fn.BITS + BLIND_BITS`). Callers must not reuse the same point with
  // incompatible `transform(...)` layouts and expect a separate cache entry.
  getWnafPrecomputes(W, point, bits, transform) {
    let entries = this.wnafPrecomputes.get(point);
    let comp = entries?.find((entry) => entry.W === W && entry.bits === bits);
    if (!comp) {
      comp = this.buildWnafTable(point, W, bits);
      if (typeof transform === "function")
        comp = { ...comp, comp: transform(comp.comp) };
      if (!entries) {
        entries = [];
        this.wnafPrecomputes.set(point, entries);
      }
      entries.push(comp);
    }
    return comp;
  }
  assertPoint(point) {
    if (!(point instanceof this.Point))
      throw new TypeError('"point" expected Point instance, got type=' + typeof point);
  }
  // Shared prologue of the constant-time entry points. Rejects scalar 0: in key/signature-style
  // callers a zero scalar means broken upstream plumbing, and concrete Points already reject it.
  // Uses inRange instead of Fn.isValidNot0: validateField() only certifies the arithmetic subset.
  validateMulInput(point, scalar) {
    this.assertPoint(point);
    if (!inRange(scalar, _1n3, this.Point.Fn.ORDER))
      throw new Error("invalid scalar");
  }
  // Constant-time dispatch shared by mulCT / mulCTBlinded. Un-precomputed points (W===1, e.g.
  // ECDH peer keys) skip building a throwaway cached table in favor of a small fixed-window
  // multiply. `n` must be < 2^bits.
  runCT(point, n, bits, transform) {
    const W = getWindowSize(point);
    if (W === 1)
      return this.fixedWindowCT(point, n, bits);
    return this.wnafCachedCT(this.getWnafPrecomputes(W, point, bits, transform), n);
  }
  mulCT(point, scalar, transform) {
    this.validateMulInput(point, scalar);
    return this.runCT(point, scalar, this.bits, transform);
  }
  mulCTBlinded(point, scalar, transform) {
    this.validateMulInput(point, scalar);
    if (this.randomBytes === void 0)
      throw new Error("randomBytes is required for scalar blinding");
    const bits = this.Point.Fn.BITS + BLIND_BITS;
    const blind = this.randomBytes(BLIND_BYTES);
    if (!isBytes2(blind) || blind.length !== BLIND_BYTES)
      throw new Error("randomBytes returned invalid byte array");
    blind[0] = blind[0] & 63 | 128;
    const n = scalar + bytesToNumberBE(blind) * this.Point.Fn.ORDER;
    return this.runCT(point, n, bits, transform);
  }
  /**
   * Constant-time multiplication `n*point` for an un-precomputed point, via a small fixed window.
   * A cached wNAF table only pays off when reused; a flat 2^FW_WINDOW table (`size-1` adds) is
   * far cheaper to build for a single use. The point-operation sequence is independent of `n`:
   * build the table, then per window exactly FW_WINDOW doublings, a data-oblivious scan over
   * every table entry, and one addition (adds the identity when the window digit is 0 — never
   * skipped).
   *
   * `n` must be `< 2^bits`. Assumes complete addition (adding the identity costs the same as any
   * add), which holds for the Weierstrass/Edwards point types used here. The table is left in
   * projective form (no normalizeZ): normalizing this small a table costs more than the
   * mixed-add savings it would buy for a single multiply.
   * @returns real point `p`; `f` duplicates it only to match {@link wnafCachedCT}'s return shape
   * (this path needs no fake accumulator — its op-count is already scalar-independent).
   */
  fixedWindowCT(point, n, bits) {
    const W = FW_WINDOW;
    const size = 1 << W;
    const mask = bitMask(W);
    const table = new Array(size);
    table[0] = this.ZERO;
    for (let i = 1; i < size; i++)
      table[i] = table[i - 1].add(point);
    const windows = Math.ceil(bits / W);
    let acc = this.ZERO;
    for (let window = windows - 1; window >= 0; window--) {
      if (window !== windows - 1)
        for (let d = 0; d < W; d++)
          acc = acc.double();
      const digit = Number(n >> BigInt(window * W) & mask);
      let sel = table[0];
      for (let i = 1; i < size; i++)
        sel = i === digit ? table[i] : sel;
      acc = acc.add(sel);
    }
    return { p: acc, f: acc };
  }
  shouldBlind(point, cofactor) {
    if (this.randomBytes === void 0)
      return false;
    if (cofactor === _1n3)
      return true;
    if (point !== this.BASE)
      return false;
    if (this.baseCanBeBlinded === void 0)
      this.baseCanBeBlinded = this.mulUnsafe(this.BASE, this.Point.Fn.ORDER).is0();
    return this.baseCanBeBlinded;
  }
  mulSecret(point, scalar, cofactor, transform) {
    return this.shouldBlind(point, cofactor) ? this.mulCTBlinded(point, scalar, transform) : this.mulCT(point, scalar, transform);
  }
  mulUnsafe(point, scalar, transform) {
    this.assertPoint(point);
    if (!isPosBig(scalar))
      throw new Error("invalid scalar");
    const W = getWindowSize(point);
    if (W === 1 || scalar >= this.Point.Fn.ORDER)
      return mulAddUnsafe(this.Point, [point], [scalar], true);
    const precomputes = this.getWnafPrecomputes(W, point, this.bits, transform);
    return this.wnafCachedCT(precomputes, scalar).p;
  }
  // Remembers the window size used for precomputed wNAF multiplication of the given point
  // and drops any previously built tables. Usually only the base point is precomputed.
  // W=1 resets the point to the un-precomputed (table-less) paths.
  // W is additionally capped so tables stay under ~2 GiB ({@link TABLE_BYTES_MAX}).
  setWindowSize(point, W) {
    this.assertPoint(point);
    validateW(W, this.bits);
    const windows = Math.ceil((this.bits + BLIND_BITS) / W) + 1;
    validateTableBytes(windows * 2 ** (W - 1), this.Point.Fp.BYTES);
    pointWindowSizes.set(point, W);
    this.wnafPrecomputes.delete(point);
  }
  // True when a window size is set: tables themselves are built lazily on first multiply.
  hasWindowSize(point) {
    return getWindowSize(point) !== 1;
  }
};
function mulAddUnsafe(c, points, scalars, allowOversized = false) {
  validatePointCons(c);
  validateMSMPoints(points, c);
  abool(allowOversized, "allowOversized");
  validateMSMScalars(scalars, c.Fn, allowOversized ? c.Fn.ORDER ** _4n2 : void 0);
  if (points.length !== scalars.length)
    throw new Error("arrays of points and scalars must have equal length");
  const tables = points.map((p) => oddMultiples(p, 4));
  const digits = scalars.map((n) => wnafDigits(n, 4));
  return wnafWalk(c.ZERO, tables, digits);
}
function createField(order, field, isLE) {
  if (field) {
    if (field.ORDER !== order)
      throw new Error("Field.ORDER must match order: Fp == p, Fn == n");
    validateField(field);
    return field;
  } else {
    return Field(order, { isLE });
  }
}
function createCurveFields(type, CURVE, curveOpts = {}, FpFnLE) {
  if (type !== "weierstrass" && type !== "edwards")
    throw new Error('expected curve type "weierstrass" or "edwards"');
  if (FpFnLE === void 0)
    FpFnLE = type === "edwards";
  if (!CURVE || typeof CURVE !== "object")
    throw new Error(`expected valid ${type} CURVE object`);
  validateObject(curveOpts);
  for (const p of ["p", "n", "h"]) {
    const val = CURVE[p];
    if (!(isPosBig(val) && val !== _0n3))
      throw new Error(`CURVE.${p} must be positive bigint`);
  }
  const Fp2 = createField(CURVE.p, curveOpts.Fp, FpFnLE);
  const Fn = createField(CURVE.n, curveOpts.Fn, FpFnLE);
  const _b = type === "weierstrass" ? "b" : "d";
  const params = ["Gx", "Gy", "a", _b];
  for (const p of params) {
    if (!Fp2.isValid(CURVE[p]))
      throw new Error(`CURVE.${p} must be valid field element of CURVE.Fp`);
  }
  CURVE = Object.freeze(Object.assign({}, CURVE));
  return { CURVE, Fp: Fp2, Fn };
}
function createKeygen(randomSecretKey, getPublicKey) {
  return function keygen(seed) {
    const secretKey = randomSecretKey(seed);
    return { secretKey, publicKey: getPublicKey(secretKey) };
  };
}

// node_modules/@noble/curves/abstract/edwards.js
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
var _0n4 = /* @__PURE__ */ BigInt(0);
var _1n4 = /* @__PURE__ */ BigInt(1);
var _2n2 = /* @__PURE__ */ BigInt(2);
var _4n3 = /* @__PURE__ */ BigInt(4);
var _8n2 = /* @__PURE__ */ BigInt(8);
function isEdValidXY(Fp2, CURVE, x, y) {
  const x2 = Fp2.sqr(x);
  const y2 = Fp2.sqr(y);
  const left = Fp2.add(Fp2.mul(CURVE.a, x2), y2);
  const right = Fp2.add(Fp2.ONE, Fp2.mul(CURVE.d, Fp2.mul(x2, y2)));
  return Fp2.eql(left, right);
}
function edwards(params, extraOpts = {}) {
  validateObject(extraOpts, {}, {}, "extraOpts");
  const opts = extraOpts;
  const validated = createCurveFields("edwards", params, opts, opts.FpFnLE);
  const { Fp: Fp2, Fn } = validated;
  let CURVE = validated.CURVE;
  const { h: cofactor } = CURVE;
  if (FpLegendre(Fp2, CURVE.a) !== 1)
    throw new Error("edwards: CURVE.a must be a square in Fp for complete addition formulas");
  if (FpLegendre(Fp2, CURVE.d) !== -1)
    throw new Error("edwards: CURVE.d must be a non-square in Fp for complete addition formulas");
  validateObject(opts, {}, { uvRatio: "function", randomBytes: "function" });
  const randomBytes3 = opts.randomBytes === void 0 ? randomBytes2 : opts.randomBytes;
  const MASK = _2n2 << BigInt(Fp2.BYTES * 8) - _1n4;
  function isOdd(n) {
    if (!Fp2.isOdd)
      throw new Error("Field does not have .isOdd()");
    return Fp2.isOdd(n);
  }
  const uvRatio2 = opts.uvRatio === void 0 ? (u, v) => {
    try {
      return { isValid: true, value: Fp2.sqrt(Fp2.div(u, v)) };
    } catch (e) {
      return { isValid: false, value: _0n4 };
    }
  } : opts.uvRatio;
  if (!isEdValidXY(Fp2, CURVE, CURVE.Gx, CURVE.Gy))
    throw new Error("bad curve params: generator point");
  const mulA = Fp2.eql(CURVE.a, Fp2.neg(Fp2.ONE)) ? (x) => Fp2.neg(x) : Fp2.eql(CURVE.a, Fp2.ONE) ? (x) => x : (x) => Fp2.mul(CURVE.a, x);
  function acoord(title, n, banZero = false) {
    const min = banZero ? _1n4 : _0n4;
    aInRange("coordinate " + title, n, min, MASK);
    return n;
  }
  function aedpoint(other) {
    if (!(other instanceof Point))
      throw new Error("EdwardsPoint expected");
  }
  class Point {
    static BASE = new Point(CURVE.Gx, CURVE.Gy, Fp2.ONE, Fp2.mul(CURVE.Gx, CURVE.Gy));
    static ZERO = new Point(Fp2.ZERO, Fp2.ONE, Fp2.ONE, Fp2.ZERO);
    static Fp = Fp2;
    static Fn = Fn;
    X;
    Y;
    Z;
    T;
    constructor(X, Y, Z, T) {
      this.X = acoord("x", X);
      this.Y = acoord("y", Y);
      this.Z = acoord("z", Z, true);
      this.T = acoord("t", T);
      Object.freeze(this);
    }
    static CURVE() {
      return CURVE;
    }
    /**
     * Create one extended Edwards point from affine coordinates.
     * Does NOT validate that the point is on-curve or torsion-free.
     * Use `.assertValidity()` on adversarial inputs.
     */
    static fromAffine(p) {
      if (p instanceof Point)
        throw new Error("extended point not allowed");
      const { x, y } = p || {};
      acoord("x", x);
      acoord("y", y);
      return new Point(x, y, Fp2.ONE, Fp2.mul(x, y));
    }
    // Uses algo from RFC8032 5.1.3.
    static fromBytes(bytes, zip215 = false) {
      const len = Fp2.BYTES;
      const { a, d } = CURVE;
      bytes = copyBytes(abytes2(bytes, len, "point"));
      abool(zip215, "zip215");
      const normed = copyBytes(bytes);
      const lastByte = bytes[len - 1];
      normed[len - 1] = lastByte & ~128;
      const y = bytesToNumberLE(normed);
      const max = zip215 ? MASK : Fp2.ORDER;
      aInRange("point.y", y, _0n4, max);
      const y2 = Fp2.sqr(y);
      const u = Fp2.sub(y2, Fp2.ONE);
      const v = Fp2.sub(Fp2.mulN(d, y2), a);
      let { isValid, value: x } = uvRatio2(u, v);
      if (!isValid)
        throw new Error("bad point: invalid y coordinate");
      const isXOdd = isOdd(x);
      const isLastByteOdd = (lastByte & 128) !== 0;
      if (!zip215 && Fp2.is0(x) && isLastByteOdd)
        throw new Error("bad point: x=0 and x_0=1");
      if (isLastByteOdd !== isXOdd)
        x = Fp2.neg(x);
      return Point.fromAffine({ x, y });
    }
    static fromHex(hex, zip215 = false) {
      return Point.fromBytes(hexToBytes2(hex), zip215);
    }
    get x() {
      return this.toAffine().x;
    }
    get y() {
      return this.toAffine().y;
    }
    precompute(windowSize = 6, isLazy = true) {
      wnaf.setWindowSize(this, windowSize);
      if (!isLazy)
        this.multiply(_2n2);
      return this;
    }
    // Useful in fromAffine() - not for fromBytes(), which always created valid points.
    assertValidity() {
      const p = this;
      const { a, d } = CURVE;
      if (p.is0())
        throw new Error("bad point: ZERO");
      const { X, Y, Z, T } = p;
      const X2 = Fp2.sqr(X);
      const Y2 = Fp2.sqr(Y);
      const Z2 = Fp2.sqr(Z);
      const Z4 = Fp2.sqr(Z2);
      const aX2 = Fp2.mul(X2, a);
      const left = Fp2.mul(Fp2.add(aX2, Y2), Z2);
      const right = Fp2.add(Z4, Fp2.mul(d, Fp2.mul(X2, Y2)));
      if (!Fp2.eql(left, right))
        throw new Error("bad point: equation left != right (1)");
      const XY = Fp2.mul(X, Y);
      const ZT = Fp2.mul(Z, T);
      if (!Fp2.eql(XY, ZT))
        throw new Error("bad point: equation left != right (2)");
    }
    // Compare one point to another.
    equals(other) {
      aedpoint(other);
      const { X: X1, Y: Y1, Z: Z1 } = this;
      const { X: X2, Y: Y2, Z: Z2 } = other;
      const X1Z2 = Fp2.mul(X1, Z2);
      const X2Z1 = Fp2.mul(X2, Z1);
      const Y1Z2 = Fp2.mul(Y1, Z2);
      const Y2Z1 = Fp2.mul(Y2, Z1);
      return Fp2.eql(X1Z2, X2Z1) && Fp2.eql(Y1Z2, Y2Z1);
    }
    is0() {
      return this.equals(Point.ZERO);
    }
    negate() {
      return new Point(Fp2.neg(this.X), this.Y, this.Z, Fp2.neg(this.T));
    }
    // Fast algo for doubling Extended Point.
    // https://hyperelliptic.org/EFD/g1p/auto-twisted-extended.html#doubling-dbl-2008-hwcd
    // Cost: 4M + 4S + 1*a + 6add + 1*2.
    double() {
      const { X: X1, Y: Y1, Z: Z1 } = this;
      const A = Fp2.sqr(X1);
      const B = Fp2.sqr(Y1);
      const C = Fp2.mul(Fp2.sqr(Z1), _2n2);
      const D = mulA(A);
      const x1y1 = Fp2.addN(X1, Y1);
      const E = Fp2.sub(Fp2.subN(Fp2.sqr(x1y1), A), B);
      const G = Fp2.addN(D, B);
      const F = Fp2.subN(G, C);
      const H = Fp2.subN(D, B);
      const X3 = Fp2.mul(E, F);
      const Y3 = Fp2.mul(G, H);
      const T3 = Fp2.mul(E, H);
      const Z3 = Fp2.mul(F, G);
      return new Point(X3, Y3, Z3, T3);
    }
    // Fast algo for adding 2 Extended Points.
    // https://hyperelliptic.org/EFD/g1p/auto-twisted-extended.html#addition-add-2008-hwcd
    // Cost: 9M + 1*a + 1*d + 7add.
    add(other) {
      aedpoint(other);
      const { d } = CURVE;
      const { X: X1, Y: Y1, Z: Z1, T: T1 } = this;
      const { X: X2, Y: Y2, Z: Z2, T: T2 } = other;
      const A = Fp2.mul(X1, X2);
      const B = Fp2.mul(Y1, Y2);
      const C = Fp2.mul(Fp2.mulN(T1, d), T2);
      const D = Fp2.mul(Z1, Z2);
      const E = Fp2.sub(Fp2.subN(Fp2.mulN(Fp2.addN(X1, Y1), Fp2.addN(X2, Y2)), A), B);
      const F = Fp2.subN(D, C);
      const G = Fp2.addN(D, C);
      const H = Fp2.sub(B, mulA(A));
      const X3 = Fp2.mul(E, F);
      const Y3 = Fp2.mul(G, H);
      const T3 = Fp2.mul(E, H);
      const Z3 = Fp2.mul(F, G);
      return new Point(X3, Y3, Z3, T3);
    }
    subtract(other) {
      aedpoint(other);
      return this.add(other.negate());
    }
    // Constant-time multiplication.
    multiply(scalar) {
      if (!Fn.isValidNot0(scalar))
        throw new RangeError("invalid scalar: expected 1 <= sc < curve.n");
      const { p, f } = wnaf.mulSecret(this, scalar, cofactor, normalize);
      return normalize([p, f])[0];
    }
    // Non-constant-time multiplication. Uses double-and-add algorithm.
    // It's faster, but should only be used when you don't care about
    // an exposed private key e.g. sig verification.
    // Keeps the same subgroup-scalar contract: 0 is allowed for public-scalar callers, but
    // n and larger values are rejected instead of being reduced mod n to the identity point.
    multiplyUnsafe(scalar) {
      if (!Fn.isValid(scalar))
        throw new RangeError("invalid scalar: expected 0 <= sc < curve.n");
      if (scalar === _0n4)
        return Point.ZERO;
      if (this.is0() || scalar === _1n4)
        return this;
      return wnaf.mulUnsafe(this, scalar, normalize);
    }
    // Checks if point is of small order.
    // If you add something to small order point, you will have "dirty"
    // point with torsion component.
    // Clears cofactor and checks if the result is 0.
    isSmallOrder() {
      return this.clearCofactor().is0();
    }
    // Multiplies point by curve order and checks if the result is 0.
    // Returns `false` is the point is dirty.
    isTorsionFree() {
      return wnaf.mulUnsafe(this, CURVE.n).is0();
    }
    // Converts Extended point to default (x, y) coordinates.
    // Can accept precomputed Z^-1 - for example, from invertBatch.
    toAffine(invertedZ) {
      const p = this;
      let iz = invertedZ;
      if (iz != null && typeof iz !== "bigint")
        throw new TypeError('"invertedZ" expected bigint, got type=' + typeof iz);
      const { X, Y, Z } = p;
      const is0 = p.is0();
      if (iz == null)
        iz = is0 ? Fp2.create(_8n2) : Fp2.inv(Z);
      const x = Fp2.mul(X, iz);
      const y = Fp2.mul(Y, iz);
      const zz = Fp2.mul(Z, iz);
      if (is0)
        return { x: Fp2.ZERO, y: Fp2.ONE };
      if (!Fp2.eql(zz, Fp2.ONE))
        throw new Error("invZ was invalid");
      return { x, y };
    }
    clearCofactor() {
      if (cofactor === _1n4)
        return this;
      if (cofactor === _2n2)
        return this.double();
      if (cofactor === _4n3)
        return this.double().double();
      if (cofactor === _8n2)
        return this.double().double().double();
      return this.multiplyUnsafe(cofactor);
    }
    toBytes() {
      const { x, y } = this.toAffine();
      const bytes = Fp2.toBytes(y);
      bytes[bytes.length - 1] |= isOdd(x) ? 128 : 0;
      return bytes;
    }
    toHex() {
      return bytesToHex2(this.toBytes());
    }
    toString() {
      return `<Point ${this.is0() ? "ZERO" : this.toHex()}>`;
    }
  }
  const normalize = (points) => normalizeZ(Point, points);
  const wnaf = new ScalarMultiplier(Point, randomBytes3);
  if (wnaf.bits >= 6)
    Point.BASE.precompute(6);
  Object.freeze(Point.prototype);
  Object.freeze(Point);
  return Point;
}
function eddsa(Point, cHash, eddsaOpts = {}) {
  validatePointCons(Point);
  if (typeof cHash !== "function")
    throw new Error('"hash" function param is required');
  const hash = cHash;
  const opts = eddsaOpts;
  validateObject(opts, {}, {
    adjustScalarBytes: "function",
    randomBytes: "function",
    domain: "function",
    prehash: "function",
    zip215: "boolean",
    mapToCurve: "function",
    toMontgomery: "function",
    toMontgomerySecret: "function"
  });
  const { prehash } = opts;
  const { BASE, Fp: Fp2, Fn } = Point;
  const outputLen = hash.outputLen;
  const expectedLen = 2 * Fp2.BYTES;
  if (outputLen !== void 0) {
    asafenumber(outputLen, "hash.outputLen");
    if (outputLen !== expectedLen)
      throw new Error(`hash.outputLen must be ${expectedLen}, got ${outputLen}`);
  }
  const randomBytes3 = opts.randomBytes === void 0 ? randomBytes2 : opts.randomBytes;
  const toMontgomery2 = opts.toMontgomery;
  const toMontgomerySecret2 = opts.toMontgomerySecret;
  const adjustScalarBytes2 = opts.adjustScalarBytes === void 0 ? (bytes) => bytes : opts.adjustScalarBytes;
  const domain = opts.domain === void 0 ? (data, ctx, phflag) => {
    abool(phflag, "phflag");
    if (ctx.length || phflag)
      throw new Error("Contexts/pre-hash are not supported");
    return data;
  } : opts.domain;
  function modN_LE(hash2) {
    return Fn.create(bytesToNumberLE(hash2));
  }
  function getPrivateScalar(key) {
    const len = lengths.secretKey;
    abytes2(key, lengths.secretKey, "secretKey");
    const hashed = abytes2(hash(key), 2 * len, "hashedSecretKey");
    const head = adjustScalarBytes2(hashed.slice(0, len));
    const prefix = hashed.slice(len, 2 * len);
    const scalar = modN_LE(head);
    return { head, prefix, scalar };
  }
  function getExtendedPublicKey(secretKey) {
    const { head, prefix, scalar } = getPrivateScalar(secretKey);
    const point = BASE.multiply(scalar);
    const pointBytes = point.toBytes();
    return { head, prefix, scalar, point, pointBytes };
  }
  function getPublicKey(secretKey) {
    return getExtendedPublicKey(secretKey).pointBytes;
  }
  function hashDomainToScalar(context = Uint8Array.of(), ...msgs) {
    const msg = concatBytes2(...msgs);
    return modN_LE(hash(domain(msg, abytes2(context, void 0, "context"), !!prehash)));
  }
  function sign(msg, secretKey, options = {}) {
    validateObject(options, {}, {}, "options");
    msg = copyBytes(abytes2(msg, void 0, "message"));
    if (prehash)
      msg = prehash(msg);
    const { prefix, scalar, pointBytes } = getExtendedPublicKey(secretKey);
    const r = hashDomainToScalar(options.context, prefix, msg);
    const R = BASE.multiply(r).toBytes();
    const k = hashDomainToScalar(options.context, R, pointBytes, msg);
    const s = Fn.create(r + k * scalar);
    if (!Fn.isValid(s))
      throw new Error("sign failed: invalid s");
    const rs = concatBytes2(R, Fn.toBytes(s));
    return abytes2(rs, lengths.signature, "result");
  }
  const verifyOpts = {
    zip215: opts.zip215
  };
  function verify2(sig, msg, publicKey, options = verifyOpts) {
    validateObject(options);
    const { context } = options;
    const zip215 = options.zip215 === void 0 ? !!verifyOpts.zip215 : options.zip215;
    const len = lengths.signature;
    sig = abytes2(sig, len, "signature");
    msg = abytes2(msg, void 0, "message");
    publicKey = abytes2(publicKey, lengths.publicKey, "publicKey");
    if (zip215 !== void 0)
      abool(zip215, "zip215");
    if (prehash)
      msg = prehash(msg);
    const mid = len / 2;
    const r = sig.subarray(0, mid);
    const s = bytesToNumberLE(sig.subarray(mid, len));
    let A, R, SB;
    try {
      A = Point.fromBytes(publicKey, zip215);
      R = Point.fromBytes(r, zip215);
      SB = BASE.multiplyUnsafe(s);
    } catch (error) {
      return false;
    }
    if (!zip215 && A.isSmallOrder())
      return false;
    const k = hashDomainToScalar(context, r, publicKey, msg);
    const RkA = R.add(A.multiplyUnsafe(k));
    return RkA.subtract(SB).clearCofactor().is0();
  }
  const _size = Fp2.BYTES;
  const lengths = {
    secretKey: _size,
    publicKey: _size,
    signature: 2 * _size,
    seed: _size
  };
  function randomSecretKey(seed) {
    seed = seed === void 0 ? randomBytes3(lengths.seed) : seed;
    return abytes2(seed, lengths.seed, "seed");
  }
  function isValidSecretKey(key) {
    return isBytes2(key) && key.length === lengths.secretKey;
  }
  function isValidPublicKey(key, zip215) {
    try {
      return !!Point.fromBytes(key, zip215 === void 0 ? verifyOpts.zip215 : zip215);
    } catch (error) {
      return false;
    }
  }
  const utils = {
    getExtendedPublicKey,
    randomSecretKey,
    isValidSecretKey,
    isValidPublicKey,
    /** Converts an Edwards public key to a companion Montgomery public key. */
    toMontgomery(publicKey) {
      if (toMontgomery2 === void 0)
        throw new Error("Montgomery conversion is not supported for this curve");
      return toMontgomery2(Point.fromBytes(publicKey));
    },
    toMontgomerySecret(secretKey) {
      if (toMontgomerySecret2 === void 0)
        throw new Error("Montgomery conversion is not supported for this curve");
      return toMontgomerySecret2(secretKey);
    }
  };
  Object.freeze(lengths);
  Object.freeze(utils);
  return Object.freeze({
    keygen: createKeygen(randomSecretKey, getPublicKey),
    getPublicKey,
    sign,
    verify: verify2,
    utils,
    Point,
    lengths
  });
}

// node_modules/@noble/curves/ed25519.js
/*! noble-curves - MIT License (c) 2022 Paul Miller (paulmillr.com) */
var _1n5 = /* @__PURE__ */ BigInt(1);
var _2n3 = /* @__PURE__ */ BigInt(2);
var _5n2 = /* @__PURE__ */ BigInt(5);
var _8n3 = /* @__PURE__ */ BigInt(8);
var ed25519_CURVE_p = /* @__PURE__ */ BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
var ed25519_CURVE = /* @__PURE__ */ (() => ({
  p: ed25519_CURVE_p,
  n: BigInt("0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"),
  h: _8n3,
  a: BigInt("0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"),
  d: BigInt("0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"),
  Gx: BigInt("0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51a"),
  Gy: BigInt("0x6666666666666666666666666666666666666666666666666666666666666658")
}))();
function ed25519_pow_2_252_3(x) {
  const _10n = BigInt(10), _20n = BigInt(20), _40n = BigInt(40), _80n = BigInt(80);
  const P = ed25519_CURVE_p;
  const x2 = x * x % P;
  const b2 = x2 * x % P;
  const b4 = pow2(b2, _2n3, P) * b2 % P;
  const b5 = pow2(b4, _1n5, P) * x % P;
  const b10 = pow2(b5, _5n2, P) * b5 % P;
  const b20 = pow2(b10, _10n, P) * b10 % P;
  const b40 = pow2(b20, _20n, P) * b20 % P;
  const b80 = pow2(b40, _40n, P) * b40 % P;
  const b160 = pow2(b80, _80n, P) * b80 % P;
  const b240 = pow2(b160, _80n, P) * b80 % P;
  const b250 = pow2(b240, _10n, P) * b10 % P;
  const pow_p_5_8 = pow2(b250, _2n3, P) * x % P;
  return { pow_p_5_8, b2 };
}
function adjustScalarBytes(bytes) {
  bytes[0] &= 248;
  bytes[31] &= 127;
  bytes[31] |= 64;
  return bytes;
}
var ED25519_SQRT_M1 = /* @__PURE__ */ BigInt("19681161376707505956807079304988542015446066515923890162744021073123829784752");
function uvRatio(u, v) {
  const P = ed25519_CURVE_p;
  const v3 = mod(v * v * v, P);
  const v7 = mod(v3 * v3 * v, P);
  const pow3 = ed25519_pow_2_252_3(u * v7).pow_p_5_8;
  let x = mod(u * v3 * pow3, P);
  const vx2 = mod(v * x * x, P);
  const root1 = x;
  const root2 = mod(x * ED25519_SQRT_M1, P);
  const useRoot1 = vx2 === u;
  const useRoot2 = vx2 === mod(-u, P);
  const noRoot = vx2 === mod(-u * ED25519_SQRT_M1, P);
  if (useRoot1)
    x = root1;
  if (useRoot2 || noRoot)
    x = root2;
  if (isNegativeLE(x, P))
    x = mod(-x, P);
  return { isValid: useRoot1 || useRoot2, value: x };
}
var ed25519_Point = /* @__PURE__ */ edwards(ed25519_CURVE, { uvRatio });
var Fp = /* @__PURE__ */ (() => ed25519_Point.Fp)();
function toMontgomery(point) {
  const { y } = point;
  return Fp.toBytes(Fp.div(_1n5 + y, _1n5 - y));
}
function toMontgomerySecret(secretKey) {
  const size = ed25519_Point.Fp.BYTES;
  abytes(secretKey, size);
  return adjustScalarBytes(sha512(secretKey.subarray(0, size))).subarray(0, size);
}
function ed(opts) {
  return eddsa(ed25519_Point, sha512, Object.assign({ adjustScalarBytes, toMontgomery, toMontgomerySecret, zip215: true }, opts));
}
var ed25519 = /* @__PURE__ */ ed({});

// src/keys.ts
var KEY_LENGTH = 32;
var KEY_TYPE = "ssh-ed25519";
var LINE_LENGTH_MAX = 8192;
var FIELD_PRIME = 2n ** 255n - 19n;
function writtenY(key) {
  let y = 0n;
  for (let index = KEY_LENGTH - 1; index >= 0; index -= 1) {
    const byte = index === KEY_LENGTH - 1 ? key[index] & 127 : key[index];
    y = y << 8n | BigInt(byte);
  }
  return y;
}
function checkAdmitted(key) {
  let point;
  try {
    point = ed25519.Point.fromBytes(key, true);
  } catch {
    throw new Refused("NotAPoint", "a public key is not a point of the curve");
  }
  ensure(!point.isSmallOrder(), "SmallOrder", "a public key is of small order, so that anyone could sign for it");
  ensure(writtenY(key) < FIELD_PRIME, "NonCanonical", "a public key is not written in its canonical form");
}
function sshString(bytes) {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, false);
  return concatenate(length, bytes);
}
function sshBlob(key) {
  return concatenate(sshString(ascii(KEY_TYPE)), sshString(key));
}
function fingerprint(key) {
  return `SHA256:${toBase64(sha256(sshBlob(key))).replace(/=+$/, "")}`;
}
function readKeyLine(line) {
  ensure(line.length <= LINE_LENGTH_MAX, "TooLong", "a public-key line is too long");
  const [type, base64, ...rest] = line.split(" ");
  if (type === void 0 || base64 === void 0 || rest.length > 0) {
    throw new Refused("NotAPublicKey", "a line is not an OpenSSH public key without a comment");
  }
  ensure(type === KEY_TYPE, "KeyType", `a public key has the type ${quoted(type)} instead of '${KEY_TYPE}'`);
  const blob = fromBase64(base64);
  if (blob === null) throw new Refused("Base64", "a public key's base64 is damaged");
  const key = blob.subarray(-KEY_LENGTH);
  ensure(equal(blob, sshBlob(key)), "Framing", "a public key's OpenSSH framing is damaged");
  checkAdmitted(key);
  return key;
}

// src/signatures.ts
var SIGNATURE_LENGTH = 64;
var NAMESPACE = "vouchsafe-tx-v1";
var VOTE_TAG = "vouchsafe-vote-v1";
var PRECOMMIT = 2;
function verifiesZip215(key, message, signature) {
  return ed25519.verify(signature, message, key, { zip215: true });
}
function verifies(key, message, signature) {
  try {
    checkAdmitted(key);
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
  return verifiesZip215(key, message, signature);
}
function sshsigSignedData(message) {
  return concatenate(
    ascii("SSHSIG"),
    sshString(ascii(NAMESPACE)),
    sshString(new Uint8Array(0)),
    sshString(ascii("sha512")),
    sshString(sha512(message))
  );
}
function precommitPreimage(precommit) {
  return concatenate(
    Uint8Array.of(0, VOTE_TAG.length),
    ascii(VOTE_TAG),
    precommit.chainId,
    Uint8Array.of(1, PRECOMMIT),
    u64LittleEndian(precommit.height),
    u32LittleEndian(precommit.round),
    Uint8Array.of(1),
    precommit.blockId,
    precommit.address
  );
}

// src/checkpoint.ts
var CHECKPOINT_LENGTH_MAX = 65536;
var ORIGIN = "vouchsafe/";
var SIZE_MAX = 2n ** 64n - 1n;
var KEY_ID_LENGTH = 4;
var ED25519 = 1;
var SIGNATURE_LINE = /^\u2014 ([^ ]+) ([^]*)$/u;
var ADDRESS = /^[0-9a-f]{64}$/;
function refuseForm(sentence) {
  throw new Refused("Form", sentence);
}
function readChainId(line) {
  const chainId = line.startsWith(ORIGIN) ? fromHexadecimal(line.slice(ORIGIN.length)) : null;
  if (chainId?.length !== HASH_LENGTH) refuseForm("a checkpoint's first line is not the name of a chain");
  return chainId;
}
function readSize(line) {
  const size = /^[1-9][0-9]{0,19}$/.test(line) ? BigInt(line) : null;
  if (size === null || size > SIZE_MAX) refuseForm("a checkpoint's second line is not a number of blocks");
  return size;
}
function readRoot(line) {
  const root = fromBase64(line);
  if (root?.length !== HASH_LENGTH) refuseForm("a checkpoint's third line is not a root in base64");
  return root;
}
function readSignature(line) {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === void 0 || base64 === void 0) refuseForm("a line after a checkpoint's text is no signature line");
  if (!ADDRESS.test(name)) return null;
  const bytes = fromBase64(base64);
  if (bytes?.length !== KEY_ID_LENGTH + SIGNATURE_LENGTH) {
    refuseForm("a line under a checkpoint has a validator's form of name, and not a key id and a signature");
  }
  return { name, keyId: bytes.subarray(0, KEY_ID_LENGTH), signature: bytes.subarray(KEY_ID_LENGTH) };
}
function readCheckpoint(noteBytes) {
  checkLength("a checkpoint", noteBytes.length, CHECKPOINT_LENGTH_MAX);
  const lines = fromUtf8(noteBytes)?.split("\n");
  if (lines === void 0) refuseForm("a checkpoint is not UTF-8");
  if (lines.pop() !== "") refuseForm("a checkpoint's last line is not ended by a newline");
  const [chainId, size, root, empty, ...signatureLines] = lines;
  if (chainId === void 0 || size === void 0 || root === void 0 || empty !== "") {
    refuseForm("a checkpoint is not three lines and an empty one before its signatures");
  }
  if (signatureLines.length === 0) refuseForm("a checkpoint has no signature line");
  return {
    checkpoint: { chainId: readChainId(chainId), size: readSize(size), root: readRoot(root) },
    text: toUtf8(`${chainId}
${size}
${root}
`),
    signatures: signatureLines.map(readSignature).filter((signature) => signature !== null)
  };
}
function keyIdOf(name, publicKey) {
  const preimage = concatenate(toUtf8(name), Uint8Array.of(10, ED25519), publicKey);
  return sha256(preimage).subarray(0, KEY_ID_LENGTH);
}
function signersOf(text, signatures, validators) {
  const signers = /* @__PURE__ */ new Set();
  for (const { name, keyId, signature } of signatures) {
    const validator = validators.byAddress.get(name);
    if (validator === void 0) continue;
    const { publicKey } = validator;
    ensure(!signers.has(validator), "Repeated", "a validator's signature stands under a checkpoint twice");
    ensure(
      equal(keyId, keyIdOf(name, publicKey)),
      "Signature",
      "the key id of a validator's signature under a checkpoint is not its key's"
    );
    ensure(
      verifiesZip215(publicKey, text, signature),
      "Signature",
      "a validator's signature under a checkpoint does not hold"
    );
    signers.add(validator);
  }
  return signers;
}
function verifyCheckpoint(noteBytes, validators, chainId) {
  const { checkpoint, text, signatures } = readCheckpoint(noteBytes);
  ensure(equal(checkpoint.chainId, chainId), "Chain", "a checkpoint is of another chain than the one expected");
  const power = [...signersOf(text, signatures, validators)].reduce((sum, signer) => sum + signer.power, 0n);
  ensure(
    3n * power > 2n * validators.totalPower,
    "Power",
    "the validators that signed a checkpoint have no more than two thirds of the voting power"
  );
  return checkpoint;
}

// src/logs.ts
var LEAF = Uint8Array.of(0);
var NODE = Uint8Array.of(1);
var PATH_MAX = 64;
var InclusionProofStructure = {
  name: "an inclusion proof",
  limit: 2069,
  read(reader) {
    reader.version("an inclusion proof");
    return {
      index: reader.u64(),
      size: reader.u64(),
      path: reader.list("hashes of an inclusion proof", 0, PATH_MAX, () => reader.hash())
    };
  }
};
function leafHash(entry) {
  return sha256(concatenate(LEAF, entry));
}
function nodeHash(left, right) {
  return sha256(concatenate(NODE, left, right));
}
function logRoot(entries) {
  const peaks = [];
  entries.forEach((entry, index) => {
    let hash = leafHash(entry);
    for (let bits = index; bits % 2 === 1; bits = (bits - 1) / 2) hash = nodeHash(peaks.pop(), hash);
    peaks.push(hash);
  });
  let root = peaks.pop() ?? sha256(new Uint8Array(0));
  while (peaks.length > 0) root = nodeHash(peaks.pop(), root);
  return root;
}
function checkInclusion(proof, leaf, root) {
  ensure(proof.index < proof.size, "Index", "an inclusion proof's index is not below its size");
  let node = proof.index;
  let last = proof.size - 1n;
  let hash = leaf;
  for (const sibling of proof.path) {
    ensure(last !== 0n, "PathLength", "an inclusion proof has too many hashes");
    if (node % 2n === 1n || node === last) {
      hash = nodeHash(sibling, hash);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    node /= 2n;
    last /= 2n;
  }
  ensure(last === 0n, "PathLength", "an inclusion proof has too few hashes");
  ensure(equal(hash, root), "Root", "an inclusion proof does not lead to the root that the header holds");
}

// src/consistency.ts
var PATH_MAX2 = 65;
var ConsistencyProofStructure = {
  name: "a consistency proof",
  limit: 2101,
  read(reader) {
    reader.version("a consistency proof");
    return {
      first: reader.u64(),
      second: reader.u64(),
      path: reader.list("hashes of a consistency proof", 0, PATH_MAX2, () => reader.hash())
    };
  }
};
function isPowerOfTwo(size) {
  return (size & size - 1n) === 0n;
}
function rootsOf(path, first, second) {
  const [start, ...siblings] = path;
  ensure(start !== void 0, "PathLength", "a consistency proof has no hashes");
  let node = first - 1n;
  let last = second - 1n;
  while (node % 2n === 1n) {
    node /= 2n;
    last /= 2n;
  }
  let older = start;
  let newer = start;
  for (const sibling of siblings) {
    ensure(last !== 0n, "PathLength", "a consistency proof has too many hashes");
    if (node % 2n === 1n || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (node % 2n === 0n && node !== 0n) {
        node /= 2n;
        last /= 2n;
      }
    } else {
      newer = nodeHash(newer, sibling);
    }
    node /= 2n;
    last /= 2n;
  }
  ensure(last === 0n, "PathLength", "a consistency proof has too few hashes");
  return [older, newer];
}
function checkConsistency(proof, older, newer) {
  const { first, second, path } = proof;
  const sameSizes = first === older.size && second === newer.size;
  ensure(sameSizes, "Sizes", "a consistency proof is of other sizes than the logs");
  ensure(first >= 1n, "Sizes", "a consistency proof's first size is 0");
  ensure(first <= second, "Sizes", "a consistency proof's first size is above its second");
  if (first === second) {
    ensure(path.length === 0, "PathLength", "a consistency proof of one size has hashes");
    ensure(equal(older.root, newer.root), "SecondRoot", "two logs of one size have different roots");
    return;
  }
  const [olderRoot, newerRoot] = rootsOf(isPowerOfTwo(first) ? [older.root, ...path] : path, first, second);
  ensure(equal(olderRoot, older.root), "FirstRoot", "a consistency proof does not lead to the older root");
  ensure(equal(newerRoot, newer.root), "SecondRoot", "a consistency proof does not lead to the newer root");
}
function verifyConsistency(proofBytes, older, newer) {
  checkConsistency(decode(ConsistencyProofStructure, proofBytes), older, newer);
}

// src/json.ts
var DEPTH_MAX = 8;
var WHITE_SPACE = " 	\n\r";
var INTEGER = /(?:0|[1-9][0-9]{0,15})(?![0-9.eE])/y;
var ESCAPES = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "	" })
);
var JsonReader = class {
  constructor(text, rule) {
    this.text = text;
    this.rule = rule;
  }
  text;
  rule;
  offset = 0;
  document() {
    const value = this.value(1);
    this.skipWhiteSpace();
    if (this.offset < this.text.length) this.refuse("something follows the document");
    return value;
  }
  value(depth) {
    this.skipWhiteSpace();
    const character = this.text[this.offset];
    if (character === "{" || character === "[") {
      if (depth > DEPTH_MAX) this.refuse(`it is nested deeper than ${DEPTH_MAX}`);
      this.offset += 1;
      return character === "{" ? this.object(depth) : this.array(depth);
    }
    if (character === '"') return this.string();
    for (const [word, meaning] of [["null", null], ["true", true], ["false", false]]) {
      if (this.text.startsWith(word, this.offset)) {
        this.offset += word.length;
        return meaning;
      }
    }
    return this.integer();
  }
  object(depth) {
    const members = /* @__PURE__ */ new Map();
    if (this.take("}")) return members;
    do {
      this.skipWhiteSpace();
      const name = this.string();
      if (members.has(name)) this.refuse(`the member ${quoted(name)} stands twice`);
      this.expect(":");
      members.set(name, this.value(depth + 1));
    } while (this.take(","));
    this.expect("}");
    return members;
  }
  array(depth) {
    const values = [];
    if (this.take("]")) return values;
    do
      values.push(this.value(depth + 1));
    while (this.take(","));
    this.expect("]");
    return values;
  }
  /** Numbers have neither sign nor fraction nor exponent: no document of ours has any of them. */
  integer() {
    INTEGER.lastIndex = this.offset;
    const digits = INTEGER.exec(this.text)?.[0];
    const value = Number(digits);
    if (digits === void 0 || !Number.isSafeInteger(value)) return this.refuse("a value cannot be read");
    this.offset += digits.length;
    return value;
  }
  string() {
    if (this.text[this.offset] !== '"') this.refuse("a string is missing");
    this.offset += 1;
    let read = "";
    for (; ; ) {
      read += this.plainCharacters();
      if (this.text[this.offset] === '"') break;
      if (this.text[this.offset] !== "\\") this.refuse("a string ends early or has a control character");
      read += this.escape();
    }
    this.offset += 1;
    if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(read)) {
      this.refuse("a string has half of a surrogate pair");
    }
    return read;
  }
  plainCharacters() {
    const start = this.offset;
    for (; ; ) {
      const code = this.text.charCodeAt(this.offset);
      if (!(code >= 32) || code === 34 || code === 92) return this.text.slice(start, this.offset);
      this.offset += 1;
    }
  }
  escape() {
    const letter = this.text[this.offset + 1] ?? "";
    const plain = ESCAPES.get(letter);
    if (plain !== void 0) {
      this.offset += 2;
      return plain;
    }
    const digits = this.text.slice(this.offset + 2, this.offset + 6);
    if (letter !== "u" || !/^[0-9A-Fa-f]{4}$/.test(digits)) this.refuse("a string has an unknown escape");
    this.offset += 6;
    return String.fromCharCode(parseInt(digits, 16));
  }
  skipWhiteSpace() {
    while (this.offset < this.text.length && WHITE_SPACE.includes(this.text[this.offset])) this.offset += 1;
  }
  take(character) {
    this.skipWhiteSpace();
    if (this.text[this.offset] !== character) return false;
    this.offset += 1;
    return true;
  }
  expect(character) {
    if (!this.take(character)) this.refuse(`'${character}' is missing`);
  }
  refuse(sentence) {
    throw new Refused(this.rule, `the JSON cannot be read at character ${this.offset}: ${sentence}`);
  }
};
function parseJson(text, rule) {
  return new JsonReader(text, rule).document();
}
function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!(value instanceof Map)) return JSON.stringify(value);
  const names = [...value.keys()].sort((first, second) => first < second ? -1 : 1);
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJson(value.get(name))}`).join(",")}}`;
}

// src/members.ts
var Members = class {
  /** Refuses, unless the value is an object with all required, maybe optional, and no other members. */
  constructor(value, where, rule, required, optional = []) {
    this.where = where;
    this.rule = rule;
    if (!(value instanceof Map)) throw new Refused(rule, `${where} is not an object`);
    this.object = value;
    for (const name of required) if (!value.has(name)) throw new Refused(rule, `${where} lacks '${name}'`);
    for (const name of value.keys()) {
      if (!required.includes(name) && !optional.includes(name)) {
        throw new Refused(rule, `${where} has an unknown member, ${quoted(name)}`);
      }
    }
  }
  where;
  rule;
  object;
  has(name) {
    return this.object.has(name);
  }
  value(name) {
    return this.object.get(name);
  }
  text(name) {
    const value = this.object.get(name);
    return typeof value === "string" ? value : this.refuse(name, "is not a string");
  }
  number(name) {
    const value = this.object.get(name);
    return typeof value === "number" ? value : this.refuse(name, "is not a number");
  }
  list(name) {
    const value = this.object.get(name);
    return Array.isArray(value) ? value : this.refuse(name, "is not a list");
  }
  /** A 64-bit integer: a decimal string without sign or leading zeros. */
  decimal(name, least, most) {
    const text = this.text(name);
    const value = /^(?:0|[1-9][0-9]{0,19})$/.test(text) ? BigInt(text) : -1n;
    return value >= least && value <= most ? value : this.refuse(name, `is not a number from ${least} to ${most}`);
  }
  refuse(name, sentence) {
    throw new Refused(this.rule, `'${name}' of ${this.where} ${sentence}`);
  }
};

// src/validators.ts
var VALIDATORS_MAX = 256;
var TOTAL_POWER_MAX = 2n ** 48n;
var ORGANIZATION_ID_LENGTH_MAX = 32;
var ORGANIZATION_ID = /^[a-z0-9][a-z0-9-]{0,31}$/;
function isOrganizationId(text) {
  return ORGANIZATION_ID.test(text);
}
function readOrganizationId(reader) {
  const id = reader.text("an organization's id", 1, ORGANIZATION_ID_LENGTH_MAX);
  ensure(isOrganizationId(id), "Malformed", "an organization's id has characters that it may not have");
  return id;
}
function addressOf(publicKey) {
  return tagged("vouchsafe-address-v1", publicKey);
}
function makeValidator(publicKey, power, organization) {
  ensure(power >= 1n, "Malformed", "a validator has no power");
  return { publicKey, power, organization, address: addressOf(publicKey) };
}
function encode(members) {
  const parts = [Uint8Array.of(1), u32LittleEndian(members.length)];
  for (const member of members) {
    const organization = toUtf8(member.organization);
    parts.push(member.publicKey, u64LittleEndian(member.power), u32LittleEndian(organization.length), organization);
  }
  return concatenate(...parts);
}
function makeValidatorSet(unsorted) {
  const members = [...unsorted].sort((first, second) => compare(first.address, second.address));
  const byAddress = new Map(members.map((member) => [toHexadecimal(member.address), member]));
  ensure(byAddress.size === members.length, "Malformed", "a validator stands in its set twice");
  const totalPower = members.reduce((sum, member) => sum + member.power, 0n);
  ensure(totalPower <= TOTAL_POWER_MAX, "Malformed", "the validators' powers exceed 2⁴⁸ in all");
  return { members, byAddress, totalPower, hash: tagged("vouchsafe-validator-set-v1", encode(members)) };
}
var ValidatorSetStructure = {
  name: "a set of validators",
  limit: 20485,
  read(reader) {
    reader.version("a set of validators");
    const members = reader.list("validators", 1, VALIDATORS_MAX, () => {
      const publicKey = reader.fixed(KEY_LENGTH);
      const power = reader.u64();
      return makeValidator(publicKey, power, readOrganizationId(reader));
    });
    const set = makeValidatorSet(members);
    if (members.some((member, index) => !equal(member.address, set.members[index].address))) {
      reader.notCanonical("the validators of a set do not ascend by address");
    }
    return set;
  }
};

// src/genesis.ts
var GENESIS_RULE = "Genesis";
var GENESIS_LENGTH_MAX = 1048576;
var TIME_MAX = 253402300799999n;
var POWER_MAX = 2n ** 48n;
var PARAMETERS = {
  block_bytes_max: [2097152n, 16777216n],
  expiry_window_ms: [60000n, 86400000n],
  heartbeat_ms: [1000n, 600000n],
  timeout_propose_ms: [10n, 60000n],
  timeout_prevote_ms: [10n, 60000n],
  timeout_precommit_ms: [10n, 60000n],
  timeout_increment_ms: [10n, 60000n],
  timeout_max_ms: [1000n, 60000n],
  evidence_age_max_blocks: [1n, 10000000n],
  clock_ahead_max_ms: [100n, 60000n],
  clock_behind_max_ms: [1000n, 600000n]
};
function refuse(sentence) {
  throw new Refused(GENESIS_RULE, sentence);
}
function checkAscends(what, keys) {
  const ascends = keys.every((key, index) => index === 0 || compare(keys[index - 1], key) < 0);
  if (!ascends) refuse(`the ${what} of the genesis document do not ascend`);
}
function readOrganization(value) {
  const organization = new Members(value, "an organization", GENESIS_RULE, [
    "id",
    "name",
    "admin_keys",
    "admin_threshold",
    "signers"
  ]);
  const id = organization.text("id");
  if (!isOrganizationId(id)) organization.refuse("id", "is not an organization's id");
  const nameLength = toUtf8(organization.text("name")).length;
  if (nameLength < 1 || nameLength > 128) organization.refuse("name", "has not 1 to 128 bytes");
  for (const line of organization.list("admin_keys")) readKey(line);
  organization.number("admin_threshold");
  for (const entry of organization.list("signers")) {
    const signer = new Members(entry, "a signer", GENESIS_RULE, ["public_key", "role"], ["not_after_ms"]);
    readKey(signer.text("public_key"));
    if (!["signer", "admin"].includes(signer.text("role"))) signer.refuse("role", "is neither signer nor admin");
    if (signer.has("not_after_ms")) signer.decimal("not_after_ms", 0n, 2n ** 64n - 1n);
  }
  return id;
}
function readKey(line) {
  if (typeof line !== "string") refuse("a key of the genesis document is not a string");
  try {
    return readKeyLine(line);
  } catch (error) {
    if (error instanceof Refused) refuse(`in the genesis document, ${error.message}`);
    throw error;
  }
}
function readParameters(value) {
  const members = new Members(value, "the parameters", GENESIS_RULE, Object.keys(PARAMETERS));
  const parameters = /* @__PURE__ */ new Map();
  for (const [name, [least, most]] of Object.entries(PARAMETERS)) parameters.set(name, members.decimal(name, least, most));
  for (const first of ["timeout_propose_ms", "timeout_prevote_ms", "timeout_precommit_ms"]) {
    if (parameters.get("timeout_max_ms") < parameters.get(first)) members.refuse("timeout_max_ms", `is below ${first}`);
  }
  return parameters;
}
function readValidators(entries) {
  if (entries.length < 1 || entries.length > VALIDATORS_MAX) refuse("the genesis document has no validators, or too many");
  const validators = entries.map((entry) => {
    const members = new Members(entry, "a validator", GENESIS_RULE, [
      "organization",
      "consensus_key",
      "peer_id",
      "power",
      "addresses"
    ]);
    const organization = members.text("organization");
    if (!isOrganizationId(organization)) members.refuse("organization", "is not an organization's id");
    members.text("peer_id");
    if (members.list("addresses").some((address) => typeof address !== "string")) members.refuse("addresses", "has no texts");
    return makeValidator(readKey(members.text("consensus_key")), members.decimal("power", 1n, POWER_MAX), organization);
  });
  checkAscends("validators", validators.map((validator) => addressOf(validator.publicKey)));
  if (validators.reduce((sum, validator) => sum + validator.power, 0n) > POWER_MAX) refuse("the validators' powers exceed 2⁴⁸");
  return makeValidatorSet(validators);
}
function checkObservers(entries) {
  const peers = entries.map((entry) => {
    const observer = new Members(entry, "an observer", GENESIS_RULE, ["organization", "peer_id"]);
    if (!isOrganizationId(observer.text("organization"))) observer.refuse("organization", "is not an organization's id");
    return toUtf8(observer.text("peer_id"));
  });
  checkAscends("observers", peers);
}
function readGenesis(bytes) {
  if (bytes.length > GENESIS_LENGTH_MAX) refuse("the genesis document is longer than 1 MiB");
  const text = fromUtf8(bytes);
  if (text === null) refuse("the genesis document is not UTF-8");
  const value = parseJson(text, GENESIS_RULE);
  const document = new Members(value, "the genesis document", GENESIS_RULE, [
    "version",
    "chain_name",
    "genesis_time_ms",
    "parameters",
    "organizations",
    "validators",
    "observers"
  ]);
  if (document.number("version") !== 1) document.refuse("version", "is not 1");
  const chainName = document.text("chain_name");
  if (!/^[A-Za-z0-9 ._-]{1,64}$/.test(chainName)) document.refuse("chain_name", "is not a chain's name");
  checkAscends("organizations", document.list("organizations").map((entry) => ascii(readOrganization(entry))));
  checkObservers(document.list("observers"));
  const canonical = canonicalJson(value);
  return {
    chainId: tagged("vouchsafe-genesis-v1", toUtf8(canonical)),
    chainName,
    genesisTimeMilliseconds: document.decimal("genesis_time_ms", 0n, TIME_MAX),
    parameters: readParameters(document.value("parameters")),
    validators: readValidators(document.list("validators")),
    canonical
  };
}
function chainIdOf(genesis) {
  return toHexadecimal(genesis.chainId);
}

// src/certificate.ts
var CertificateStructure = {
  name: "a certificate",
  limit: 24625,
  read(reader) {
    reader.version("a certificate");
    return {
      height: reader.u64(),
      round: reader.u32(),
      blockId: reader.hash(),
      signatures: reader.list("signatures of a certificate", 1, VALIDATORS_MAX, () => ({
        address: reader.fixed(HASH_LENGTH),
        signature: reader.fixed(SIGNATURE_LENGTH)
      }))
    };
  }
};
function checkOrder(signatures) {
  signatures.forEach((entry, index) => {
    const ascends = index === 0 || compare(signatures[index - 1].address, entry.address) < 0;
    ensure(ascends, "Order", "a certificate's signatures do not ascend by address");
  });
}
function signersOf2(signatures, set) {
  return signatures.map((entry) => {
    const signer = set.byAddress.get(toHexadecimal(entry.address));
    if (signer === void 0) {
      throw new Refused("UnknownValidator", "a certificate is signed by somebody who is no validator of that height");
    }
    return signer;
  });
}
function checkCertificate(certificate, set, chainId) {
  const { height, round, blockId, signatures } = certificate;
  checkOrder(signatures);
  const signers = signersOf2(signatures, set);
  const power = signers.reduce((sum, signer) => sum + signer.power, 0n);
  ensure(
    3n * power > 2n * set.totalPower,
    "Power",
    "the validators that signed a certificate have no more than two thirds of the voting power"
  );
  signatures.forEach((entry, index) => {
    const preimage = precommitPreimage({ chainId, height, round, blockId, address: entry.address });
    const genuine = verifiesZip215(signers[index].publicKey, preimage, entry.signature);
    ensure(genuine, "Signature", "a validator's signature in a certificate does not verify");
  });
}

// src/header.ts
var HeaderStructure = {
  name: "a header",
  limit: 345,
  read(reader) {
    const start = reader.position;
    reader.version("a header");
    const fields = {
      chainId: reader.hash(),
      height: reader.u64(),
      round: reader.u32(),
      timeMilliseconds: reader.u64(),
      parent: reader.hash(),
      historyRoot: reader.hash(),
      transactionsRoot: reader.hash(),
      transactionCount: reader.u32(),
      stateRoot: reader.hash(),
      validators: reader.hash(),
      nextValidators: reader.hash(),
      proposer: reader.hash(),
      parentCertificate: reader.hash(),
      evidenceRoot: reader.hash()
    };
    return { ...fields, blockId: tagged("vouchsafe-block-id-v1", reader.since(start)) };
  }
};

// src/status.ts
var SCHEMES = { 1: "bytes", 2: "directory", 3: "git", 4: "image", 5: "image-configuration" };
var STATUSES = { 0: "TRUSTED", 1: "UNTRUSTED", 2: "UNKNOWN", 3: "UNSUPPORTED" };
var REASONS = { 1: "COMPROMISED", 2: "DEPRECATED" };
var ROLES = { 1: "signer", 2: "admin" };
var SCHEME_NUMBERS = new Map(
  Object.entries(SCHEMES).map(([number, name]) => [name, Number(number)])
);
function isScheme(name) {
  return SCHEME_NUMBERS.has(name);
}
function readScheme(reader) {
  return reader.variant("an asset's scheme", SCHEMES);
}
function readStatus(reader) {
  return reader.variant("a status", STATUSES);
}
function readReason(reader) {
  return reader.variant("a reason", REASONS);
}
function readRole(reader) {
  return reader.variant("a role", ROLES);
}
function overall(statuses) {
  for (const status of ["UNTRUSTED", "TRUSTED", "UNSUPPORTED"]) {
    if (statuses.includes(status)) return status;
  }
  return "UNKNOWN";
}

// src/records.ts
var ASSET_NAME = 1;
var ORGANIZATIONS_MAX = 256;
function readOrganizationStatus(reader) {
  return {
    organization: readOrganizationId(reader),
    status: readStatus(reader),
    reason: reader.option("a reason", () => readReason(reader)),
    sinceHeight: reader.u64(),
    sinceTimeMilliseconds: reader.u64(),
    eventIndex: reader.u64(),
    transactionId: reader.hash(),
    operationIndex: reader.u16(),
    signer: reader.fixed(KEY_LENGTH)
  };
}
var AssetRecordStructure = {
  name: "an asset's record",
  limit: 65536,
  read(reader) {
    const start = reader.position;
    reader.version("an asset's record");
    const eventCount = reader.u64();
    const eventRoot = reader.hash();
    let previous = null;
    const organizations = reader.list("organizations of an asset's record", 1, ORGANIZATIONS_MAX, () => {
      const entry = readOrganizationStatus(reader);
      const ascends = previous === null || compare(toUtf8(previous), toUtf8(entry.organization)) < 0;
      ensure(ascends, "Malformed", "the organizations of an asset's record do not ascend");
      previous = entry.organization;
      return entry;
    });
    return { eventCount, eventRoot, organizations, encoding: reader.since(start) };
  }
};
var EventStructure = {
  name: "an event",
  limit: 256,
  read(reader) {
    const start = reader.position;
    reader.version("an event");
    const fields = {
      transactionId: reader.hash(),
      operationIndex: reader.u16(),
      organization: readOrganizationId(reader),
      signer: reader.fixed(KEY_LENGTH),
      role: readRole(reader),
      status: readStatus(reader),
      reason: reader.option("a reason", () => readReason(reader)),
      height: reader.u64(),
      timeMilliseconds: reader.u64()
    };
    return { ...fields, encoding: reader.since(start) };
  }
};
function assetKey(scheme, digest) {
  return tagged("vouchsafe-state-key-v1", Uint8Array.of(ASSET_NAME, SCHEME_NUMBERS.get(scheme)), digest);
}
function valueHash(record) {
  return tagged("vouchsafe-state-value-v1", record);
}

// src/state_tree.ts
var TAG = ascii("vouchsafe-state-tree-v1");
var EMPTY = new Uint8Array(HASH_LENGTH);
var DEPTH_MAX2 = 256;
var KEYS_MAX = 1024;
var SHAPE_MAX = 65536;
var HASHES_MAX = 65536;
var StateProofStructure = {
  name: "a state proof",
  limit: 4194304,
  read(reader) {
    reader.version("a state proof");
    return {
      shape: reader.bytes("bytes of a state proof's shape", 1, SHAPE_MAX),
      leaves: reader.list("leaves of a state proof", 0, KEYS_MAX, () => ({
        key: reader.hash(),
        valueHash: reader.hash()
      })),
      hashes: reader.list("hashes of a state proof", 0, HASHES_MAX, () => reader.hash())
    };
  }
};
function bitOf(bytes, index) {
  return bytes[index >> 3] >> 7 - (index & 7) & 1;
}
function samePrefix(first, second, length) {
  for (let index = 0; index < length; index += 1) {
    if (bitOf(first, index) !== bitOf(second, index)) return false;
  }
  return true;
}
function checkLeaf(leaf, claims) {
  for (const claim of claims) {
    const same = equal(claim.key, leaf.key);
    if (claim.valueHash === null) {
      ensure(!same, "Present", "the proof says that there is no record, and the ledger has one");
    } else {
      ensure(same, "Absent", "the proof gives a record, and the ledger has none");
      ensure(equal(claim.valueHash, leaf.valueHash), "Value", "the record in the proof is not the ledger's");
    }
  }
}
var Walk = class {
  constructor(proof) {
    this.proof = proof;
  }
  proof;
  bit = 0;
  nextLeaf = 0;
  nextHash = 0;
  subtree(depth, claims) {
    if (claims.length === 0) return this.unasked();
    const bits = 2 * this.readBit() + this.readBit();
    if (bits === 0) return this.emptyPlace(claims);
    if (bits === 1) return this.leaf(depth, claims);
    ensure(bits === 2, "Shape", "a state proof's shape is damaged");
    return this.branch(depth, claims);
  }
  /** Refuses, unless everything was read. */
  finish() {
    const { shape, leaves, hashes } = this.proof;
    let leftOver = this.nextLeaf < leaves.length || this.nextHash < hashes.length || 8 * shape.length - this.bit >= 8;
    for (let index = this.bit; !leftOver && index < 8 * shape.length; index += 1) leftOver = bitOf(shape, index) === 1;
    ensure(!leftOver, "LeftOver", "a state proof holds more than what leads to the record");
  }
  unasked() {
    if (this.readBit() === 0) return { hash: EMPTY, kind: "empty" };
    const hash = this.proof.hashes[this.nextHash];
    if (hash === void 0) throw new Refused("Shape", "a state proof lacks a hash");
    this.nextHash += 1;
    ensure(!isZero(hash), "NotCanonical", "a state proof writes an empty place as a hash");
    return { hash, kind: "hash" };
  }
  emptyPlace(claims) {
    const allAbsent = claims.every((claim) => claim.valueHash === null);
    ensure(allAbsent, "Absent", "the proof gives a record, and the ledger has none");
    return { hash: EMPTY, kind: "empty" };
  }
  leaf(depth, claims) {
    const leaf = this.proof.leaves[this.nextLeaf];
    if (leaf === void 0) throw new Refused("Shape", "a state proof lacks a leaf");
    this.nextLeaf += 1;
    const onPath = samePrefix(leaf.key, claims[0].key, depth);
    ensure(onPath, "Misplaced", "a state proof has a leaf where it cannot stand");
    checkLeaf(leaf, claims);
    return { hash: sha256(concatenate(Uint8Array.of(0), TAG, leaf.key, leaf.valueHash)), kind: "leaf" };
  }
  branch(depth, claims) {
    ensure(depth < DEPTH_MAX2, "Shape", "a state proof is deeper than any key");
    const left = this.subtree(depth + 1, claims.filter((claim) => bitOf(claim.key, depth) === 0));
    const right = this.subtree(depth + 1, claims.filter((claim) => bitOf(claim.key, depth) === 1));
    const kinds = [left.kind, right.kind];
    const needless = kinds.includes("empty") && kinds.every((kind) => kind === "empty" || kind === "leaf");
    ensure(!needless, "NotCanonical", "a state proof has a branch with fewer than two leaves");
    return { hash: sha256(concatenate(Uint8Array.of(1), TAG, left.hash, right.hash)), kind: "branch" };
  }
  readBit() {
    ensure(this.bit < 8 * this.proof.shape.length, "Shape", "a state proof's shape ends early");
    const bit = bitOf(this.proof.shape, this.bit);
    this.bit += 1;
    return bit;
  }
};
function checkState(proof, claims, root) {
  const sorted = [...claims].sort((first, second) => compare(first.key, second.key));
  const twice = sorted.some((claim, index) => index > 0 && equal(sorted[index - 1].key, claim.key));
  const countable = sorted.length >= 1 && sorted.length <= KEYS_MAX && !twice;
  ensure(countable, "KeyCount", "a state proof is asked for no key, for too many, or for one twice");
  const walk = new Walk(proof);
  const { hash } = walk.subtree(0, sorted);
  walk.finish();
  ensure(equal(hash, root), "Root", "a state proof does not lead to the header's state root");
}

// src/transaction.ts
var BODY_LENGTH_MAX = 1048475;
var NONCE_LENGTH = 16;
var OPERATIONS_MAX = 4096;
var ASSETS_MAX = 4096;
function readAttributes(reader) {
  let previous = null;
  return reader.list("attributes of an asset", 0, 16, () => {
    const key = reader.text("an attribute's key", 1, 64);
    const value = reader.text("an attribute's value", 0, 1024);
    const ascends = previous === null || compare(previous, toUtf8(key)) < 0;
    ensure(ascends, "Malformed", "an asset's attributes do not ascend");
    previous = toUtf8(key);
    return { key, value };
  });
}
function readAsset(reader) {
  return {
    scheme: readScheme(reader),
    digest: reader.hash(),
    size: reader.u64(),
    name: reader.text("an asset's name", 0, 255),
    attributes: readAttributes(reader)
  };
}
function readOperation(reader) {
  const kind = reader.variant("an operation", { 1: "Notarize", 2: "Revoke" });
  const assets = reader.list("assets of an operation", 1, ASSETS_MAX, () => readAsset(reader));
  return { kind, assets, reason: kind === "Revoke" ? readReason(reader) : null };
}
var BodyStructure = {
  name: "a transaction's body",
  limit: BODY_LENGTH_MAX,
  read(reader) {
    reader.version("a transaction's body");
    return {
      operations: reader.list("operations of a transaction", 1, OPERATIONS_MAX, () => readOperation(reader)),
      nonce: reader.fixed(NONCE_LENGTH),
      expiryMilliseconds: reader.u64()
    };
  }
};
var SignedTransactionStructure = {
  name: "a transaction",
  limit: 1048576,
  read(reader) {
    const start = reader.position;
    reader.version("a transaction");
    const fields = {
      body: reader.bytes("bytes of a transaction's body", 1, BODY_LENGTH_MAX),
      publicKey: reader.fixed(KEY_LENGTH),
      signature: reader.fixed(SIGNATURE_LENGTH)
    };
    return { ...fields, leaf: leafHash(reader.since(start)) };
  }
};
function checkAssets(body) {
  const assets = body.operations.flatMap((operation) => operation.assets);
  ensure(assets.length <= ASSETS_MAX, "AssetCount", "a transaction names too many assets");
  const keys = new Set(assets.map((asset) => `${asset.scheme}:${toHexadecimal(asset.digest)}`));
  ensure(keys.size === assets.length, "RepeatedAsset", "a transaction names an asset twice");
}
function checkTransaction(transaction, chainId) {
  const body = decode(BodyStructure, transaction.body);
  checkAssets(body);
  checkAdmitted(transaction.publicKey);
  const signedData = sshsigSignedData(concatenate(chainId, transaction.body));
  const genuine = verifiesZip215(transaction.publicKey, signedData, transaction.signature);
  ensure(genuine, "Signature", "the signer's signature of a transaction does not verify");
  return body;
}
function transactionId(transaction, chainId) {
  const { body, publicKey } = transaction;
  return tagged(
    "vouchsafe-transaction-id-v1",
    Uint8Array.of(1),
    chainId,
    publicKey,
    u32LittleEndian(body.length),
    body
  );
}

// src/proof.ts
var CHANGES_MAX = 4096;
var EVENTS_MAX = 65536;
var MAGIC = ascii("vouchsafe-proof");
function readAssetSubject(reader) {
  return {
    kind: "asset",
    scheme: readScheme(reader),
    digest: reader.hash(),
    record: reader.option("a record", () => AssetRecordStructure.read(reader)),
    stateProof: StateProofStructure.read(reader),
    events: reader.option(
      "a list of events",
      () => reader.list("events", 0, EVENTS_MAX, () => EventStructure.read(reader))
    )
  };
}
function readReceiptSubject(reader) {
  return {
    kind: "receipt",
    transaction: SignedTransactionStructure.read(reader),
    inclusion: InclusionProofStructure.read(reader)
  };
}
var ProofStructure = {
  name: "the proof file",
  limit: 16777216,
  read(reader) {
    ensure(equal(reader.fixed(MAGIC.length), MAGIC), "Malformed", "this is not a Vouchsafe proof file");
    reader.version("the proof file");
    return {
      chainId: reader.hash(),
      changes: reader.list("changes of validators", 0, CHANGES_MAX, () => ({
        header: HeaderStructure.read(reader),
        certificate: CertificateStructure.read(reader),
        validators: ValidatorSetStructure.read(reader)
      })),
      header: HeaderStructure.read(reader),
      certificate: CertificateStructure.read(reader),
      older: reader.option("an older header", () => ({
        header: HeaderStructure.read(reader),
        inclusion: InclusionProofStructure.read(reader)
      })),
      subject: reader.variant("the proof's subject", { 1: "asset", 2: "receipt" }) === "asset" ? readAssetSubject(reader) : readReceiptSubject(reader)
    };
  }
};

// src/proof_json.ts
var JSON_LENGTH_MAX = 37748736;
var RULE = "Json";
var FORMAT = "vouchsafe-proof";
var COUNT_LENGTH = 4;
function lengthOf(parts) {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
function later(structure, value) {
  const isHexadecimal = typeof value === "string" && value.length % 2 === 0 && !/[^0-9a-f]/.test(value);
  if (!isHexadecimal) throw new Refused(RULE, `${structure.name} is not written in lowercase hexadecimal digits`);
  const length = value.length / 2;
  return {
    length,
    read() {
      checkLength(structure.name, length, structure.limit);
      return decode(structure, fromHexadecimal(value));
    }
  };
}
function option(value, make) {
  if (value === null) return { length: 1, read: () => null };
  const present = make(value);
  return { length: 1 + present.length, read: () => present.read() };
}
function list(what, most, items) {
  return {
    length: COUNT_LENGTH + lengthOf(items),
    read() {
      checkCount(what, items.length, 0, most);
      return items.map((item) => item.read());
    }
  };
}
function hashOf(members, name) {
  const bytes = fromHexadecimal(members.text(name));
  return bytes?.length === HASH_LENGTH ? bytes : members.refuse(name, "is not 64 lowercase hexadecimal digits");
}
function readChange(value) {
  const members = new Members(value, "a change of validators", RULE, ["header", "certificate", "validators"]);
  const header = later(HeaderStructure, members.value("header"));
  const certificate = later(CertificateStructure, members.value("certificate"));
  const validators = later(ValidatorSetStructure, members.value("validators"));
  return {
    length: lengthOf([header, certificate, validators]),
    read: () => ({ header: header.read(), certificate: certificate.read(), validators: validators.read() })
  };
}
function readOlder(value) {
  const members = new Members(value, "the older header", RULE, ["header", "inclusion"]);
  const header = later(HeaderStructure, members.value("header"));
  const inclusion = later(InclusionProofStructure, members.value("inclusion"));
  return {
    length: lengthOf([header, inclusion]),
    read: () => ({ header: header.read(), inclusion: inclusion.read() })
  };
}
function readAsset2(value) {
  const members = new Members(value, "the asset", RULE, ["scheme", "digest", "record", "state_proof", "events"]);
  const scheme = members.text("scheme");
  if (!isScheme(scheme)) return members.refuse("scheme", "is no scheme");
  const digest = hashOf(members, "digest");
  const record = option(members.value("record"), (present) => later(AssetRecordStructure, present));
  const stateProof = later(StateProofStructure, members.value("state_proof"));
  const events = option(
    members.value("events"),
    () => list("events", EVENTS_MAX, members.list("events").map((event) => later(EventStructure, event)))
  );
  return {
    length: 1 + HASH_LENGTH + lengthOf([record, stateProof, events]),
    read: () => ({
      kind: "asset",
      scheme,
      digest,
      record: record.read(),
      stateProof: stateProof.read(),
      events: events.read()
    })
  };
}
function readReceipt(value) {
  const members = new Members(value, "the receipt", RULE, ["transaction", "inclusion"]);
  const transaction = later(SignedTransactionStructure, members.value("transaction"));
  const inclusion = later(InclusionProofStructure, members.value("inclusion"));
  return {
    length: lengthOf([transaction, inclusion]),
    read: () => ({ kind: "receipt", transaction: transaction.read(), inclusion: inclusion.read() })
  };
}
function readProofJson(bytes) {
  checkLength("the proof file", bytes.length, JSON_LENGTH_MAX);
  const text = fromUtf8(bytes);
  if (text === null) throw new Refused(RULE, "the proof file is not UTF-8");
  const members = new Members(
    parseJson(text, RULE),
    "the proof file",
    RULE,
    ["format", "version", "chain_id", "changes", "header", "certificate", "older"],
    ["asset", "receipt"]
  );
  const hasOneSubject = members.has("asset") !== members.has("receipt");
  ensure(hasOneSubject, RULE, "the proof file has not exactly one of 'asset' and 'receipt'");
  ensure(members.text("format") === FORMAT, RULE, "this is not a Vouchsafe proof file");
  const version = members.number("version");
  const chainId = hashOf(members, "chain_id");
  const changes = list("changes of validators", CHANGES_MAX, members.list("changes").map(readChange));
  const header = later(HeaderStructure, members.value("header"));
  const certificate = later(CertificateStructure, members.value("certificate"));
  const older = option(members.value("older"), readOlder);
  const subject = members.has("asset") ? readAsset2(members.value("asset")) : readReceipt(members.value("receipt"));
  ensure(version === 1, "UnknownVersion", `the proof file has version ${version}, and this verifier knows only version 1`);
  const proof = {
    chainId,
    changes: changes.read(),
    header: header.read(),
    certificate: certificate.read(),
    older: older.read(),
    subject: subject.read()
  };
  const length = FORMAT.length + 1 + HASH_LENGTH + lengthOf([changes, header, certificate, older]) + 1 + subject.length;
  checkLength("the proof file's binary form", length, ProofStructure.limit);
  return proof;
}

// src/shown.ts
function showOrganization(entry) {
  return {
    organization: entry.organization,
    status: entry.status,
    reason: entry.reason,
    since_height: entry.sinceHeight.toString(),
    since_time_ms: entry.sinceTimeMilliseconds.toString(),
    signer: fingerprint(entry.signer)
  };
}
function showEvent(event) {
  return {
    organization: event.organization,
    status: event.status,
    reason: event.reason,
    height: event.height.toString(),
    time_ms: event.timeMilliseconds.toString(),
    signer: fingerprint(event.signer),
    role: event.role,
    transaction_id: toHexadecimal(event.transactionId),
    operation_index: event.operationIndex
  };
}
function showAsset(subject) {
  const organizations = subject.record?.organizations ?? [];
  return {
    scheme: subject.scheme,
    digest: toHexadecimal(subject.digest),
    status: overall(organizations.map((entry) => entry.status)),
    event_count: (subject.record?.eventCount ?? 0n).toString(),
    organizations: organizations.map(showOrganization),
    events: subject.events?.map(showEvent) ?? null
  };
}
function statusOf(operation) {
  if (operation.kind === "Notarize") return "TRUSTED";
  return operation.reason === "COMPROMISED" ? "UNTRUSTED" : "UNSUPPORTED";
}
function showReceipt(subject, body, chainId) {
  return {
    transaction_id: toHexadecimal(transactionId(subject.transaction, chainId)),
    index: subject.inclusion.index.toString(),
    signer: fingerprint(subject.transaction.publicKey),
    operations: body.operations.map((operation) => ({
      status: statusOf(operation),
      reason: operation.reason,
      assets: operation.assets.map(({ scheme, digest }) => ({ scheme, digest: toHexadecimal(digest) }))
    }))
  };
}
function showHeader(header) {
  return {
    chain_id: toHexadecimal(header.chainId),
    height: header.height.toString(),
    time_ms: header.timeMilliseconds.toString(),
    block_id: toHexadecimal(header.blockId)
  };
}

// src/verify.ts
function checkHeader(header, certificate, trusted) {
  ensure(equal(header.chainId, trusted.chainId), "Chain", "a header is of another chain than the genesis document");
  ensure(header.height > trusted.height, "Stale", "a header is not above the height from which its validators decide");
  const decides = equal(header.validators, trusted.validators.hash);
  ensure(decides, "Validators", "a header was not decided by the validators that the verifier was led to");
  const together = equal(certificate.blockId, header.blockId) && certificate.height === header.height;
  ensure(together, "OtherBlock", "a certificate is of another block than its header");
  checkCertificate(certificate, trusted.validators, trusted.chainId);
}
function follow(change, trusted) {
  const { header, certificate, validators } = change;
  checkHeader(header, certificate, trusted);
  const announced = equal(validators.hash, header.nextValidators);
  ensure(announced, "NextValidators", "a new set of validators is not the one that the old set decided");
  ensure(!equal(validators.hash, header.validators), "NoChange", "a change of validators changes nothing");
  return { chainId: trusted.chainId, validators, height: header.height };
}
function checkOlder(older, proven) {
  const { header, inclusion } = older;
  ensure(equal(header.chainId, proven.chainId), "Chain", "the older header is of another chain than the genesis document");
  const inPlace = inclusion.size === proven.height - 1n && inclusion.index === header.height - 1n;
  ensure(inPlace, "OlderPlace", "the older header's inclusion proof is of another place in the chain's history");
  checkInclusion(inclusion, leafHash(header.blockId), proven.historyRoot);
}
function checkAsset(subject, header) {
  const { scheme, digest, record, stateProof, events } = subject;
  const claim = { key: assetKey(scheme, digest), valueHash: record && valueHash(record.encoding) };
  checkState(stateProof, [claim], header.stateRoot);
  if (events === null) return;
  const complete = BigInt(events.length) === (record?.eventCount ?? 0n);
  ensure(complete, "IncompleteLog", "the events given are not as many as the record counts");
  if (record === null) return;
  const root = logRoot(events.map((event) => event.encoding));
  ensure(equal(root, record.eventRoot), "OtherLog", "the events given are not those that the record commits to");
}
function checkReceipt(subject, header) {
  const { transaction, inclusion } = subject;
  const body = checkTransaction(transaction, header.chainId);
  const sameCount = inclusion.size === BigInt(header.transactionCount);
  ensure(sameCount, "TransactionCount", "the receipt counts other transactions than the block has");
  checkInclusion(inclusion, transaction.leaf, header.transactionsRoot);
  return body;
}
function isAbout(shown, asked) {
  const about = shown.asset ? [shown.asset] : shown.receipt.operations.flatMap((operation) => operation.assets);
  return about.some((asset) => asset.scheme === asked.scheme && asset.digest === asked.digest);
}
var BINARY_START = "v".charCodeAt(0);
function readProof(bytes) {
  return bytes[0] === BINARY_START ? decode(ProofStructure, bytes) : readProofJson(bytes);
}
function verifyProof(genesis, proofBytes, asked = null) {
  const proof = readProof(proofBytes);
  ensure(equal(proof.chainId, genesis.chainId), "Chain", "the proof is of another chain than the genesis document");
  let trusted = { chainId: genesis.chainId, validators: genesis.validators, height: 0n };
  for (const change of proof.changes) trusted = follow(change, trusted);
  checkHeader(proof.header, proof.certificate, trusted);
  if (proof.older) checkOlder(proof.older, proof.header);
  const header = proof.older?.header ?? proof.header;
  const shown = { ...showHeader(header), asset: null, receipt: null };
  if (proof.subject.kind === "asset") {
    checkAsset(proof.subject, header);
    shown.asset = showAsset(proof.subject);
  } else {
    const body = checkReceipt(proof.subject, header);
    shown.receipt = showReceipt(proof.subject, body, genesis.chainId);
  }
  ensure(asked === null || isAbout(shown, asked), "OtherAsset", "the proof is about another asset than the one asked about");
  return shown;
}
function verify(genesisBytes, proofBytes, asked = null) {
  return verifyProof(readGenesis(genesisBytes), proofBytes, asked);
}

// src/words.ts
var UNITS = [
  ["day", 86400000n],
  ["hour", 3600000n],
  ["minute", 60000n],
  ["second", 1000n]
];
function amount(count, unit) {
  return `${count} ${unit}${count === 1n ? "" : "s"}`;
}
function describeDuration(milliseconds) {
  const first = UNITS.findIndex(([, length2]) => milliseconds >= length2);
  if (first === -1) return "less than a second";
  const [unit, length] = UNITS[first];
  const parts = [amount(milliseconds / length, unit)];
  const next = UNITS[first + 1];
  const rest = next ? milliseconds % length / next[1] : 0n;
  if (next && rest > 0n) parts.push(amount(rest, next[0]));
  return parts.join(" and ");
}
function describeAge(timeMilliseconds, nowMilliseconds) {
  const age = BigInt(nowMilliseconds) - BigInt(timeMilliseconds);
  if (age >= 0n) return `${describeDuration(age)} ago`;
  return `${describeDuration(-age)} ahead of this machine's clock`;
}
function describeTime(timeMilliseconds) {
  const number = Number(timeMilliseconds);
  if (number > 253402300799999) return `${timeMilliseconds} ms after 1970`;
  return `${new Date(number).toISOString().replace("T", " ").slice(0, 19)} UTC`;
}
function describeStatus(status) {
  switch (status) {
    case "TRUSTED":
      return "An organization says that it can be trusted, and none says the opposite.";
    case "UNTRUSTED":
      return "An organization says that it must not be trusted.";
    case "UNSUPPORTED":
      return "It is no longer supported by who vouched for it.";
    case "UNKNOWN":
      return "No organization has said anything about it.";
  }
}

// src/parts.ts
var parts_exports = {};
__export(parts_exports, {
  AssetRecordStructure: () => AssetRecordStructure,
  BodyStructure: () => BodyStructure,
  CertificateStructure: () => CertificateStructure,
  ConsistencyProofStructure: () => ConsistencyProofStructure,
  EventStructure: () => EventStructure,
  HeaderStructure: () => HeaderStructure,
  InclusionProofStructure: () => InclusionProofStructure,
  ProofStructure: () => ProofStructure,
  SignedTransactionStructure: () => SignedTransactionStructure,
  StateProofStructure: () => StateProofStructure,
  ValidatorSetStructure: () => ValidatorSetStructure,
  addressOf: () => addressOf,
  assetKey: () => assetKey,
  canonicalJson: () => canonicalJson,
  checkAdmitted: () => checkAdmitted,
  checkCertificate: () => checkCertificate,
  checkConsistency: () => checkConsistency,
  checkHeader: () => checkHeader,
  checkInclusion: () => checkInclusion,
  checkState: () => checkState,
  checkTransaction: () => checkTransaction,
  decode: () => decode,
  fingerprint: () => fingerprint,
  fromHexadecimal: () => fromHexadecimal,
  leafHash: () => leafHash,
  logRoot: () => logRoot,
  parseJson: () => parseJson,
  precommitPreimage: () => precommitPreimage,
  readKeyLine: () => readKeyLine,
  readProof: () => readProof,
  sshsigSignedData: () => sshsigSignedData,
  tagged: () => tagged,
  toHexadecimal: () => toHexadecimal,
  transactionId: () => transactionId,
  valueHash: () => valueHash,
  verifies: () => verifies,
  verifiesZip215: () => verifiesZip215
});
export {
  CHECKPOINT_LENGTH_MAX,
  GENESIS_LENGTH_MAX,
  JSON_LENGTH_MAX as PROOF_LENGTH_MAX,
  Refused,
  chainIdOf,
  describeAge,
  describeDuration,
  describeStatus,
  describeTime,
  parts_exports as parts,
  readCheckpoint,
  readGenesis,
  verify,
  verifyCheckpoint,
  verifyConsistency,
  verifyProof
};
