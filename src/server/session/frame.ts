/**
 * An encoded ConnectResponse, in pieces that belong behind one another. Frames share pieces, so nothing is copied before an edge sends it.
 * Neither a frame nor what it is made of may be changed.
 */
export class Frame {
  /** The bytes of all its pieces. */
  readonly size: number;
  private whole: Uint8Array | undefined;

  constructor(readonly pieces: readonly Uint8Array[]) {
    this.size = pieces.reduce((size, piece) => size + piece.length, 0);
  }

  /** The frame in one piece. All who ask get the same one. */
  get bytes(): Uint8Array {
    this.whole ??= this.pieces.length === 1 ? (this.pieces[0] as Uint8Array) : Buffer.concat(this.pieces);
    return this.whole;
  }
}
