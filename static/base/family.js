// Everything a family's page does by itself; pages work without it.
import { startCatchUp } from "./catchup.js";
import { keepTyping } from "./keep.js";
import { loadLive } from "./loader.js";
import { startRefresh } from "./refresh.js";
import { startSheets } from "./sheet.js";
import { startToasts } from "./toast.js";

startToasts();
startSheets();
keepTyping();
startCatchUp();
startRefresh();
loadLive();
