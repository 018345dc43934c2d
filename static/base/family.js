// Everything a family's page does by itself; pages work without it.
import { startCatchUp } from "./catchup.js";
import { keepTyping } from "./keep.js";
import { loadLive } from "./loader.js";
import { startRefresh } from "./refresh.js";
import { startSheets } from "./sheet.js";
import { startToasts } from "./toast.js";

// The chosen one of a row that scrolls sideways is in sight.
document.querySelector(".chips.scroll [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
startRefresh();
startToasts();
startSheets();
keepTyping();
startCatchUp();
loadLive();
