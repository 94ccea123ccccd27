// The front end's side of the conversation with Python; no elements here.
//
// Python is right about which card is current ("head"). The browser runs ahead of it: it goes on to the next card
// at once, and keeps each request in `pending` until Python says that it is committed (or refused).
// A request names its place in the queue and its example, so that none can land on another text.

const KEPT_BEHIND = 50;
const SILENCE_MS = 4000;
const REREAD_MS = 2000;
/** How often Python hears that somebody is here, and for how long after that person's last act. */
const ALIVE_MS = 60_000;
const GONE_MS = 600_000;
/** Requests that move the current card: if one is refused, those behind it were meant for other texts. */
const MOVES = new Set(["decide", "undo"]);

class Session {
  /** `changed` is called after every change of state, `found` with what a search has found. */
  constructor(model, changed, found) {
    this.model = model;
    this.changed = changed;
    this.found = found;
    this.cards = new Map();
    this.given = new Map(); // what was decided in this page, or chosen and left, by example
    this.pending = [];
    this.at = 0;
    this.visiting = null;
    this.state = null;
    this.notice = null;
    this.silent = false;
    this.receive = this.receive.bind(this);
  }

  open() {
    this.model.on("msg:custom", this.receive);
    this.stir();
    this.alive = setInterval(() => this.stayAlive(), ALIVE_MS);
    this.send({ type: "hello" });
  }

  close() {
    this.model.off("msg:custom", this.receive);
    clearInterval(this.alive);
    clearTimeout(this.silence);
    clearTimeout(this.reread);
  }

  /** The place of the card to show: an earlier one that the person went back to, or the current one. */
  get place() {
    return this.visiting ?? this.at;
  }

  /** The card to show, or undefined: there is none, or it has not come yet. */
  get card() {
    return this.cards.get(this.place);
  }

  /** Why the card could not be read, or null. */
  get unreadable() {
    return this.card || this.finished ? null : (this.state?.unreadable ?? null);
  }

  get total() {
    return this.state?.total ?? 0;
  }

  /** How many texts are left that others have just now, where there is no other. */
  get held() {
    return this.state?.held ?? 0;
  }

  get finished() {
    return this.state !== null && this.visiting === null && this.at >= this.total;
  }

  /** How far the browser is ahead of Python, in cards. */
  get ahead() {
    return this.at - (this.state?.head ?? 0);
  }

  get done() {
    return (this.state?.progress.done ?? 0) + this.ahead;
  }

  get left() {
    return Math.max(0, (this.state?.progress.left ?? 0) - this.ahead);
  }

  /** How many requests are not committed. */
  get unsaved() {
    return Math.max(this.pending.length, this.state?.waiting ?? 0);
  }

  /** Why nothing is saved just now, or null. */
  get problem() {
    if (this.silent) return "No answer: the kernel, or what it saves to, is busy or has stopped.";
    return this.state?.problem ?? null;
  }

  /** Decide on the card that is shown. */
  decide(answer, value, seconds) {
    const { place, example, note, flagged } = this.card;
    const type = this.visiting === null ? "decide" : "revise";
    this.given.set(example, value);
    this.card.decided = { answer, value, note, flagged };
    this.cards.delete(place - KEPT_BEHIND);
    if (type === "decide") this.at += 1;
    else this.visiting = null;
    this.request({ type, place, example, answer, value, seconds, note, flagged });
  }

  undo() {
    if (this.visiting !== null) return this.goBack();
    if (this.at === 0) return;
    const place = this.at;
    this.at -= 1;
    this.request({ type: "undo", place, example: null });
  }

  /** Keep a note and a flag, without a decision. */
  mark(note, flagged) {
    const { card } = this;
    Object.assign(card, { note, flagged });
    this.request({ type: "mark", example: card.example, note, flagged });
  }

  /** Show the card at an earlier place. */
  visit(place) {
    this.visiting = place === this.at ? null : place;
    if (!this.card) this.look(place);
    this.changed();
  }

  /** Leave an earlier card as it was decided. */
  goBack() {
    this.visiting = null;
    this.changed();
  }

  /** The person did something. */
  stir() {
    this.stirred = performance.now();
  }

  /** Keep the texts that this person was given from going to others. */
  stayAlive() {
    if (performance.now() - this.stirred < GONE_MS) this.post({ type: "alive" });
  }

  look(place) {
    this.send({ type: "look", place });
  }

  find(query, offset) {
    this.send({ type: "find", query, offset });
  }

  /** Show this example next, or, where it has a decision, its card of history. */
  go(example) {
    this.visiting = null;
    this.request({ type: "goto", example });
  }

  keepKeys(keys) {
    this.post({ type: "keys", keys });
  }

  /** Remember what is chosen on the current card, which the person leaves without a decision. */
  keepDraft(value) {
    if (this.card && this.visiting === null) this.given.set(this.card.example, value);
  }

  /** Say something to the person, until the next request. */
  say(notice) {
    this.notice = notice;
    this.changed();
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
    this.changed();
    this.send(message);
  }

  /** Send what Python answers. */
  send(message) {
    this.expectAnswer();
    this.post(message);
  }

  post(message) {
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

  receive(message) {
    clearTimeout(this.silence);
    this.silence = undefined;
    this.silent = false;
    if (message.type === "found") this.found(message);
    else this.follow(message);
    if (this.pending.length) this.expectAnswer();
    this.changed();
  }

  /** Take in where Python stands. */
  follow(state) {
    this.state = state;
    this.notice = state.notice ?? this.notice;
    if (state.moved) this.forget(state.head);
    state.cards.forEach((card) => this.cards.set(card.place, card));
    this.drop(new Set(state.settled), new Set(state.refused));
    if (!this.pending.some(({ type }) => MOVES.has(type))) this.rest(state);
    if (state.at != null) this.visiting = state.at < this.at ? state.at : null;
  }

  /** The cards from `head` on stand at other places now, and are sent again. */
  forget(head) {
    for (const place of this.cards.keys()) if (place >= head) this.cards.delete(place);
  }

  /** Forget requests that are answered. */
  drop(settled, refused) {
    const lost = this.pending.some(({ name, type }) => refused.has(name) && MOVES.has(type));
    this.pending = this.pending.filter(
      ({ name, type }) => !settled.has(name) && !refused.has(name) && !(lost && MOVES.has(type)),
    );
  }

  /** Stand where Python stands, as nothing that moves is under way, and ask for the card if it is not here. */
  rest({ head }) {
    this.at = head;
    clearTimeout(this.reread);
    if (this.card || this.finished) return;
    const ask = () => (this.visiting === null ? this.send({ type: "hello" }) : this.look(this.visiting));
    this.reread = setTimeout(ask, REREAD_MS);
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
