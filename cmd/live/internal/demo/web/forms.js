/*
 * What one can fill in: the greeting that asks for a name, the box for a text, and
 * the side of the page with the rooms.
 */

import { $ } from "./dom.js";
import { roomFrom } from "./names.js";

/** The characters left are shown when there are fewer than this. */
const NEARLY_FULL = 200;

/** Asks for a name and a room. */
export class Greeting {
  #dialog = $("greeting");
  #needed = false; // there is nothing behind the dialog to go back to

  /** @param join  ({name, room}) is called with what was filled in */
  constructor(join) {
    $("greeting-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const name = $("greeting-name").value.trim();
      const room = roomFrom($("greeting-room").value) || "lobby";
      this.#complain(name ? "" : "Please choose a name.");
      if (name) join({ name, room });
    });
    $("greeting-cancel").addEventListener("click", () => this.#dialog.close());
    // Some browsers close a dialog on Escape whatever a page says to it.
    this.#dialog.addEventListener("close", () => this.#needed && this.#dialog.showModal());
  }

  /** Reports whether the dialog is there. */
  get open() {
    return this.#dialog.open;
  }

  /** Opens the dialog; `optional` lets it be closed without an answer. */
  ask(name, room, optional, complaint = "") {
    this.#needed = !optional;
    $("greeting-cancel").hidden = !optional;
    if (!this.#dialog.open) {
      $("greeting-name").value = name;
      $("greeting-room").value = room;
      this.#dialog.showModal();
    }
    this.#complain(complaint);
    $("greeting-name").select();
  }

  /** Closes the dialog: we are in. */
  done() {
    this.#needed = false;
    if (this.#dialog.open) this.#dialog.close();
  }

  #complain(text) {
    $("greeting-error").textContent = text;
    $("greeting-name").setAttribute("aria-invalid", String(text !== ""));
  }
}

/** The box for a text: Enter sends, Shift+Enter begins a new line. */
export class Composer {
  #box = $("text");

  /**
   * @param say     (text) is called with what was typed
   * @param typing  () is called while it is being typed
   */
  constructor({ say, typing }) {
    const submit = () => {
      const text = this.#box.value.trim();
      if (text) say(text);
      this.#box.value = "";
      this.#changed();
      this.#box.focus();
    };
    $("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      submit();
    });
    this.#box.addEventListener("keydown", (event) => {
      // While an input method composes a character, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    });
    this.#box.addEventListener("input", () => {
      this.#changed();
      if (this.#box.value) typing();
    });
    this.#changed();
  }

  /** Puts the cursor into the box, unless that would bring up a keyboard on glass. */
  focus() {
    if (matchMedia("(pointer: fine)").matches) this.#box.focus();
  }

  #changed() {
    this.#box.style.height = "auto";
    this.#box.style.height = `${this.#box.scrollHeight}px`;
    const left = this.#box.maxLength - this.#box.value.length;
    $("left").textContent = left < NEARLY_FULL ? `${left} characters left` : "";
    $("send").disabled = this.#box.value.trim() === "";
  }
}

/** The side with rooms and people, which on a small screen slides in. */
export class Sidebar {
  #small = matchMedia("(max-width: 760px)");

  /**
   * @param go      (room) is called to enter a room
   * @param rename  () is called to choose another name
   */
  constructor({ go, rename }) {
    $("go").addEventListener("submit", (event) => {
      event.preventDefault();
      const room = roomFrom($("go-room").value);
      if (!room) return;
      $("go-room").value = "";
      this.close();
      go(room);
    });
    $("rename").addEventListener("click", () => {
      this.close();
      rename();
    });
    $("menu").addEventListener("click", () => this.#set(true));
    $("shade").addEventListener("click", () => this.close());
    $("side-close").addEventListener("click", () => this.close());
    $("rooms").addEventListener("click", (event) => event.target.closest("a") && this.close());
    addEventListener("keydown", (event) => event.key === "Escape" && this.close());
    this.#small.addEventListener("change", () => this.#set(false));
    this.#set(false);
  }

  /** Slides it out, where it slides. */
  close() {
    const open = document.documentElement.classList.contains("side-open");
    if (!open) return;
    this.#set(false);
    $("menu").focus();
  }

  #set(open) {
    document.documentElement.classList.toggle("side-open", open);
    $("menu").setAttribute("aria-expanded", String(open));
    // What is out of sight must be out of reach of the keyboard too.
    $("side").inert = this.#small.matches && !open;
    $("main").inert = open;
    if (open) $("side-close").focus();
  }
}
