/* <ticketing-board src="https://desk.example.com" token="…" theme="dark" height="640"> for a page that shows the desk.

   The token is posted into the frame and stands in no address. What the frame says comes out as events:
   ticketing-ready, ticketing-counts, ticketing-ticket-opened, ticketing-height, ticketing-signed-out, each with its
   facts in `detail`. Only this frame is listened to, and only while it shows the desk's own origin. An element that was
   moved in its page is a new frame: it asks for a token by ticketing-signed-out. ticketing-blocked comes where this
   page's own policy kept the desk out; its `detail` names the directive. */
const EVENTS = new Set(["ready", "counts", "ticket-opened", "height", "signed-out"]);
let made = 0;

class TicketingBoard extends HTMLElement {
  ready = false;
  waiting = []; // what was said before the desk was there
  static observedAttributes = ["token", "theme"];

  connectedCallback() {
    if (this.frame) return;
    this.desk = new URL(this.getAttribute("src"), location.href);
    this.frame = document.createElement("iframe");
    this.frame.name = `ticketing-${(made += 1)}`;
    this.frame.title = this.getAttribute("label") ?? "Tickets";
    this.frame.width = "100%";
    this.frame.height = this.getAttribute("height") ?? "600";
    this.frame.setAttribute("frameborder", "0");
    this.frame.allow = "clipboard-write";
    this.replaceChildren(this.frame);
    this.listen = (event) => this.#hear(event);
    addEventListener("message", this.listen);
    this.blocked = (event) => this.#blocked(event);
    document.addEventListener("securitypolicyviolation", this.blocked);
    if (this.getAttribute("token")) this.enter(this.getAttribute("token"));
    else if (this.wasHere) queueMicrotask(() => this.#tell("signed-out"));
    this.wasHere = true;
  }

  disconnectedCallback() {
    removeEventListener("message", this.listen);
    document.removeEventListener("securitypolicyviolation", this.blocked);
    this.ready = false;
    this.frame?.remove();
    this.frame = null;
  }

  attributeChangedCallback(name, before, now) {
    if (before === now || !now) return;
    if (name === "theme") this.setTheme(now);
    if (name === "token" && this.frame) this.enter(now);
  }

  /* Hand a user over; whoever was in this frame before is out. */
  enter(token) {
    this.ready = false; // until the desk is there, another page may be
    const form = document.createElement("form");
    form.method = "post";
    form.action = `${this.#base()}/embed/enter`;
    form.target = this.frame.name;
    form.hidden = true;
    // The page's own origin goes along for pages whose Referrer-Policy lets the browser tell none.
    for (const [name, value] of [["token", token], ["host", location.origin]]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    document.body.append(form);
    form.submit();
    form.remove();
    this.removeAttribute("token");
  }

  /* It is told again after each page of the frame. */
  setTheme(theme) {
    this.theme = theme;
    this.#say("set-theme", { theme });
  }

  openTicket(key) { this.#say("open-ticket", { key }); }
  setFilter(query) { this.#say("set-filter", { query }); }
  reportProblem(facts = {}) { this.#say("report", { facts }); }

  #base() { return this.desk.href.replace(/[?#].*$/, "").replace(/\/$/, ""); }

  #say(type, facts) {
    if (!this.ready) this.waiting.push([type, facts]);
    else this.frame.contentWindow.postMessage({ source: "ticketing-host", type, ...facts }, this.desk.origin);
  }

  #hear(event) {
    const { data } = event;
    if (event.source !== this.frame?.contentWindow || event.origin !== this.desk.origin) return;
    if (data?.source !== "ticketing" || !EVENTS.has(data.type)) return;
    if (data.type === "signed-out") this.ready = false;
    if (data.type === "ready") {
      this.ready = true;
      if (this.theme) this.setTheme(this.theme);
      for (const said of this.waiting.splice(0)) if (said[0] !== "set-theme") this.#say(...said);
    }
    const { source, type, ...detail } = data;
    this.#tell(type, detail);
  }

  #tell(type, detail = {}) {
    this.dispatchEvent(new CustomEvent(`ticketing-${type}`, { detail, bubbles: true }));
  }

  #blocked({ blockedURI, effectiveDirective, disposition }) {
    if (disposition !== "enforce" || !blockedURI.startsWith(this.desk.origin)) return;
    console.error(`<ticketing-board>: this page's policy must allow ${this.desk.origin} in ${effectiveDirective}`);
    this.#tell("blocked", { directive: effectiveDirective });
  }
}

if (!customElements.get("ticketing-board")) customElements.define("ticketing-board", TicketingBoard);
