/* The board's behaviours. None of them knows a rule: they fill a form, send it, and put cards where the server says. */
import "./board/drag.js";
import "./board/keys.js";
import "./board/menus.js";
import "./board/more.js";
import "./board/placement.js";
import "./board/strip.js";
