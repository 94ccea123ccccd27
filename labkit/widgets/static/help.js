// The panel of the keys, in which a person gives commands other ones.

const CARD_KEYS = [
  ["Enter", "accept, too"],
  ["PgUp PgDn", "scroll the text"],
  ["Ctrl S", "send again what is not saved"],
  ["Esc", "close what is open, then leave the card, so that the notebook has the keys again"],
];

/** The keys, those of the commands as buttons that wait for another key. */
function makeHelp(keyHelp, commands, keys, onchange) {
  const buttons = new Map(commands.map((command) => [command, makeRebind(command)]));
  const said = h("p", { class: "lk-muted", role: "status" });
  const rows = commands.flatMap((command) => [
    h("dt", {}, buttons.get(command)),
    h("dd", {}, COMMANDS[command].says),
  ]);
  const fixed = [...keyHelp, ...CARD_KEYS].flatMap(([key, what]) => [
    h("dt", {}, h("kbd", {}, key)),
    h("dd", {}, what),
  ]);
  const reset = h("button", { type: "button", class: "lk-button", onclick: resetAll }, "Usual keys");
  const half = (title, ...parts) => h("div", {}, panelTitle(title), ...parts);
  const element = h("div", { class: "lk-panel lk-help", role: "region", "aria-label": "Help" });
  const hint = h("p", { class: "lk-muted" }, "Press a button, and then the key that you want for it.");
  element.append(
    half("Keys of the card", h("dl", {}, ...fixed)),
    half("Keys that you may change", h("dl", {}, ...rows), hint, said, reset),
  );
  let waiting = null;
  element.addEventListener("keydown", take, { capture: true });
  paintKeys();

  function makeRebind(command) {
    const title = `Another key for: ${COMMANDS[command].says}`;
    return h("button", { type: "button", class: "lk-rebind", title, onclick: () => wait(command) }, h("kbd", {}));
  }

  function wait(command) {
    waiting = command;
    paintKeys();
    buttons.get(command).firstChild.textContent = "press …";
    buttons.get(command).focus();
  }

  /** Take the next key-down as the key that is wanted; Escape and Tab leave all as it is. */
  function take(event) {
    if (!waiting || event.key === "Shift") return;
    const command = waiting;
    waiting = null;
    if (event.key !== "Tab") {
      event.preventDefault();
      event.stopPropagation();
    }
    const leaves = event.key === "Escape" || event.key === "Tab";
    const done = !leaves && keys.rebind(command, event);
    said.textContent = leaves || done ? "" : "That key can't be changed: letters and the space bar can.";
    if (done) onchange();
    paintKeys();
  }

  function resetAll() {
    keys.reset();
    onchange();
    paintKeys();
  }

  function paintKeys() {
    for (const [command, button] of buttons) button.firstChild.textContent = keys.name(command);
  }
  return { element, paintKeys };
}
