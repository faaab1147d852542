import { render } from "preact";

import { App } from "./app";
import { keepFocus } from "./parts/focus";
import { applyTheme } from "./theme";

applyTheme();
keepFocus();
render(<App />, document.getElementById("page") as HTMLElement);
