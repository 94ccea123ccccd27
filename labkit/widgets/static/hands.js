// Turns what a person presses into what the card is asked for.

/** What the keys do while the focus is in a panel: there, none decides. */
const PANEL_COMMANDS = new Set(["help", "guideline", "history", "search", "people", "leave"]);

class Hands {
  constructor(view) {
    this.view = view;
    const { element, session } = view;
    this.claim = this.claim.bind(this);
    window.addEventListener("keydown", this.claim, { capture: true });
    element.addEventListener("keydown", (event) => this.onKey(event));
    element.addEventListener("pointermove", () => element.classList.remove("lk-typing"));
    element.addEventListener("mousedown", (event) => this.onPress(event));
    element.addEventListener("click", (event) => this.onClick(event), { capture: true });
    for (const act of ["keydown", "pointermove"]) element.addEventListener(act, () => session.stir());
  }

  close() {
    window.removeEventListener("keydown", this.claim, { capture: true });
  }

  /** Say whose a key is before anybody acts on it: Notebook 7 hears keys on their way down, before the card does. */
  claim(event) {
    const { element, keys, kind } = this.view;
    if (!element.contains(event.target)) return;
    const typed = isField(event.target) ? !event.ctrlKey && !event.metaKey : kind.hears(event);
    const asked = typed ? {} : keys.read(event);
    element.toggleAttribute("data-lm-suppress-shortcuts", asked !== null && !asked.shared);
  }

  onKey(event) {
    const { view } = this;
    if (isField(event.target)) return this.onFieldKey(event);
    const inPanel = view.panels.element.contains(event.target);
    const taken = event.defaultPrevented || (!inPanel && view.session.card && view.kind.key(event));
    const asked = taken ? {} : view.keys.read(event);
    if (asked === null) return;
    if (asked.shared) return view.obey(asked.command); // the notebook is saved, too
    view.element.classList.add("lk-typing"); // a pointer that lies on a label explains nothing now
    event.stopPropagation(); // or JupyterLab's command mode takes it: X would cut the cell
    const presses = event.key === "Enter" || event.key === " " ? event.target.closest("button, [role=button], a") : null;
    if (!presses?.matches("button") || event.repeat) event.preventDefault();
    if (asked.scroll) view.kind.view.scroll(asked.scroll);
    if (event.repeat || taken) return;
    if (presses) this.onButtonKey(presses);
    else this.ask(asked, inPanel);
  }

  ask({ label, command }, inPanel) {
    if (label !== undefined && !inPanel) this.view.pick(this.view.labels.at(label));
    if (command && (!inPanel || PANEL_COMMANDS.has(command))) this.view.obey(command);
  }

  /** Press what only looks like a button; the page itself presses those that are. */
  onButtonKey(button) {
    if (!button.matches("button")) button.click();
  }

  /** What is typed into a field is for the field, and not for the notebook. */
  onFieldKey(event) {
    if (event.ctrlKey || event.metaKey) return;
    event.stopPropagation();
    if (event.key === "Escape") {
      event.target.blur();
      this.view.panels.close();
    }
    if (event.key === "Escape" || event.key === "Enter") this.view.refocus();
  }

  /** A press on a button leaves the focus with the card, so that the keys go on working. */
  onPress(event) {
    this.pressedOn = this.view.painted;
    if (!event.target.closest("button")) return;
    event.preventDefault();
    this.view.element.focus({ preventScroll: true });
  }

  /** Drop a pointer's click that was aimed at the card before: a double click's second, or one just too late. */
  onClick(event) {
    const onCard = [this.view.card, this.view.actions.element].some((part) => part.contains(event.target));
    const byPointer = event.detail > 0 && onCard;
    const late = this.pressedOn !== this.view.painted || this.view.settling;
    if (byPointer && late) event.stopPropagation();
  }
}
