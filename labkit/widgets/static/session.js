// The front end's side of the conversation with Python; no elements here.
//
// Python is right about which card is current ("head"). The browser runs ahead of it: it goes on to the next card
// at once, and keeps each request in `pending` until Python says that it is committed (or refused).
// A request names its place in the queue and its example, so that none can land on another text.

const KEPT_BEHIND = 50;
const SILENCE_MS = 4000;
const REREAD_MS = 2000;

class Session {
  /** `changed` is called after every change of state. */
  constructor(model, changed) {
    this.model = model;
    this.changed = changed;
    this.cards = new Map();
    this.given = new Map();
    this.pending = [];
    this.at = 0;
    this.state = null;
    this.notice = null;
    this.silent = false;
    this.receive = this.receive.bind(this);
  }

  open() {
    this.model.on("msg:custom", this.receive);
    this.send({ type: "hello" });
  }

  close() {
    this.model.off("msg:custom", this.receive);
    clearTimeout(this.silence);
    clearTimeout(this.reread);
  }

  /** The card to show, or undefined: there is none, or it has not come yet. */
  get card() {
    return this.cards.get(this.at);
  }

  /** Why the current card could not be read, or null. */
  get unreadable() {
    return this.card || this.finished ? null : (this.state?.unreadable ?? null);
  }

  get total() {
    return this.state?.total ?? 0;
  }

  get finished() {
    return this.state !== null && this.at >= this.total;
  }

  /** How many decisions and undos are not committed. */
  get unsaved() {
    return Math.max(this.pending.length, this.state?.waiting ?? 0);
  }

  /** Why nothing is saved just now, or null. */
  get problem() {
    if (this.silent) return "No answer: the kernel, or what it saves to, is busy or has stopped.";
    return this.state?.problem ?? null;
  }

  decide(answer, value, seconds) {
    const { place, example } = this.card;
    this.given.set(place, value);
    this.cards.delete(place - KEPT_BEHIND);
    this.at += 1;
    this.request({ type: "decide", place, example, answer, value, seconds });
  }

  undo() {
    if (this.at === 0) return;
    const place = this.at;
    this.at -= 1;
    this.request({ type: "undo", place, example: null });
  }

  /** Ask again for the cards, and send again what has no answer. */
  retry() {
    this.send({ type: "hello" });
    this.pending.forEach((message) => this.send(message));
    this.changed();
  }

  request(message) {
    message.name = uuid();
    this.notice = null;
    this.pending.push(message);
    this.send(message);
    this.changed();
  }

  send(message) {
    this.expectAnswer();
    try {
      this.model.send(message);
    } catch {
      this.mute(); // the connection to the kernel is gone; the message stays in `pending`
    }
  }

  expectAnswer() {
    this.silence ??= setTimeout(() => this.mute(), SILENCE_MS);
  }

  mute() {
    this.silent = true;
    this.changed();
  }

  receive(state) {
    clearTimeout(this.silence);
    this.silence = undefined;
    this.silent = false;
    this.state = state;
    this.notice = state.notice ?? this.notice;
    state.cards.forEach((card) => this.cards.set(card.place, card));
    const answered = new Set(state.settled);
    this.pending = state.refused.length ? [] : this.pending.filter(({ name }) => !answered.has(name));
    if (this.pending.length) this.expectAnswer();
    else this.rest(state);
    this.changed();
  }

  /** Stand where Python stands, as nothing is under way, and ask for the card if it is not here. */
  rest({ head, unreadable }) {
    this.at = head;
    clearTimeout(this.reread);
    if (this.card || this.finished) return;
    this.reread = setTimeout(() => this.send({ type: "hello" }), unreadable ? REREAD_MS : 0);
  }
}

/** A version 4 UUID; crypto.randomUUID is missing where the server has no HTTPS. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
