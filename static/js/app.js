/* The shared behaviours of every page. Each lives in one file and registers itself;
   this file only brings them together. Pages add their own modules the same way. */
import "./ui/announcer.js";
import "./ui/theme_switch.js";
import "./ui/menu.js";
import "./ui/dialog.js";
import "./ui/bell.js";
import "./ui/ask.js";
import "./ui/toast.js";
import "./ui/shortcuts.js";
import "./ui/row_selection.js";
import "./ui/row_walk.js";
import "./ui/copy.js";
import "./ui/filter_form.js";
import "./ui/request_errors.js";
import "./ui/countdown.js";
import "./ui/fill.js";
