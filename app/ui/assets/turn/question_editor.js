// The box in which an asked question is changed and asked anew. Enter asks, Escape leaves it as it was.

class QuestionEditor {
  root = el("form", "editor");
  box = el("textarea");

  /** @param {(question: string) => void} ask @param {() => void} left it was closed without asking */
  constructor(ask, left) {
    this.ask = ask;
    this.left = left;
    this.box.rows = 2;
    this.box.maxLength = 8000;
    this.box.setAttribute("aria-label", "The question, to be changed");
    const send = el("button", "", "Ask");
    send.type = "submit";
    const leave = button("Cancel", "Leave the question as it was", () => this.close());
    this.root.append(this.box, send, leave);
    this.root.hidden = true;
    this.root.onsubmit = (submit) => {
      submit.preventDefault();
      this.send();
    };
    this.box.onkeydown = (key) => {
      if (key.key === "Escape") this.close();
      if (key.key === "Enter" && !key.shiftKey) {
        key.preventDefault();
        this.send();
      }
    };
  }

  /** @param {string} question */
  open(question) {
    this.root.hidden = false;
    this.box.value = question;
    this.box.focus();
  }

  close() {
    this.root.hidden = true;
    this.left();
  }

  send() {
    const text = this.box.value.trim();
    if (!text) return;
    this.root.hidden = true;
    this.ask(text);
  }
}
