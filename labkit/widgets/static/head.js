// Above the card: the title, the state, how far and how fast it goes, and what went wrong.

/** Set a text, but not again: a screen reader would say it twice, and the page be laid out anew. */
function setText(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function makeHead({ title, person }) {
  const count = h("span", { class: "lk-count" });
  const pace = h("span", { class: "lk-pace lk-muted" });
  const state = h("span", { class: "lk-state", role: "status" });
  const bar = h("div");
  const track = h("div", { class: "lk-track", role: "progressbar", "aria-label": "Done", "aria-valuemin": 0 }, bar);
  const name = h("span", { class: "lk-title", title: `${title}, decided by ${person}` }, h("bdi", {}, title));
  name.append(h("bdi", { class: "lk-person lk-muted" }, person));
  const line = h("p", { class: "lk-line", dir: "auto" });
  const stop = h("p", { class: "lk-stop", dir: "auto", role: "status" });
  const figures = h("div", { class: "lk-figures" }, count, pace);
  const element = h("header", { class: "lk-head" }, name, state, track, figures, line, stop);

  function paint(session) {
    const { done, left } = session;
    const progress = session.state?.progress;
    setText(count, progress ? `${done} done · ${left} left` : "");
    setText(pace, progress ? describePace(progress) : "");
    const share = done + left ? done / (done + left) : 0;
    setShare(bar, share);
    track.setAttribute("aria-valuemax", done + left);
    track.setAttribute("aria-valuenow", done);
    for (const [place, words] of [[line, progress?.line], [stop, progress?.stop]]) {
      setText(place, words ?? "");
      place.hidden = !words;
    }
    const [tone, text] = describeState(session);
    state.dataset.tone = tone;
    setText(state, text);
  }
  return { element, paint };
}

/** Decisions a minute, the time that is left, and what this sitting brought: what is done counts earlier ones, too. */
function describePace({ rate, minutes_left: minutes, sitting, changed, shown }) {
  const parts = [];
  if (rate) parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} a minute`);
  if (minutes) parts.push(minutes < 1 ? "less than a minute left" : `${describeMinutes(Math.round(minutes))} left`);
  if (shown) parts.push(`this sitting ${sitting}, ${changed} of ${shown} changed`);
  return parts.join(" · ");
}

function describeMinutes(minutes) {
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The three states; "saved" only where Python has confirmed every decision. */
function describeState({ state, unsaved, problem }) {
  if (!unsaved) return state ? ["good", "Saved"] : ["busy", "Starting"];
  if (problem) return ["bad", `Not saved: ${unsaved}, retrying`];
  return ["busy", unsaved > 1 ? `Saving ${unsaved}` : "Saving"];
}

/** What went wrong, and a button to try again. */
function makeAlert(onretry) {
  const text = h("span", { class: "lk-alert-text" });
  const retry = h("button", { type: "button", class: "lk-button", onclick: onretry }, "Retry now");
  const element = h("div", { class: "lk-alert", role: "alert", hidden: true }, text, retry);

  function paint(session) {
    const failed = session.unsaved > 0 && session.problem;
    const kept = session.silent ? "is kept in this page until it answers." : "is kept and will be sent again.";
    const words = failed ? `${session.problem} What you decided ${kept}` : (session.notice ?? "");
    element.hidden = !words;
    retry.hidden = !failed;
    setText(text, words);
  }
  return { element, paint };
}

/** What was decided of an earlier text that the person went back to. */
function makeVisit(words, onback) {
  const text = h("span", { dir: "auto" });
  const back = h("button", { type: "button", class: "lk-button", onclick: onback }, "Back to where you were");
  back.append(h("kbd", { "aria-hidden": "true" }, "Esc"));
  const element = h("div", { class: "lk-visit", role: "status", hidden: true }, text, back);

  function paint({ visiting, card }) {
    element.hidden = visiting === null;
    if (visiting === null) return;
    const was = card?.decided ? `You decided: ${words(card.decided)}. ` : "";
    setText(text, `An earlier text. ${was}Decide again to change that.`);
  }
  return { element, paint };
}

/** What else the texts' file said of a text. */
function describeMeta(meta = {}) {
  const write = (value) => (typeof value === "string" ? value : JSON.stringify(value));
  return Object.entries(meta).map(([name, value]) => `${name}: ${write(value)}`).join(" · ");
}

/** What stands in the place of a card: a heading and a sentence. */
function describeNoCard({ finished, total, unreadable, held, silent }) {
  const say = (heading, words) => [h("h3", {}, heading), h("p", {}, words)];
  if (finished && !total) return say("Nothing to correct", "This queue is empty.");
  if (finished) return say("That was the last one", "Every text of this queue has a decision.");
  if (unreadable) return say("The next text can't be read", `${unreadable} It is tried again.`);
  if (held) return say("The rest is with others", `${held} left. What they leave undecided comes back to you.`);
  if (silent) return say("Waiting for the kernel", "It is busy, or has stopped: then run this cell again.");
  return [h("p", { class: "lk-muted" }, "Loading …")];
}
