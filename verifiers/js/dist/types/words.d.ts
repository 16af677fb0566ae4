import type { Status } from "./status.ts";
/** A length of time, in its two largest units. */
export declare function describeDuration(milliseconds: bigint): string;
/** How old a header of this time is. Its time may be ahead of this machine's clock. */
export declare function describeAge(timeMilliseconds: string, nowMilliseconds: number): string;
/** UTC to the second; a number that no calendar holds, as it is. */
export declare function describeTime(timeMilliseconds: string): string;
export declare function describeStatus(status: Status): string;
