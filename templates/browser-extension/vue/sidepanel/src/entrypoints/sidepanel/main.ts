import { createApp } from "vue";
import { part, translate } from "../../lib/page";
import App from "./App.vue";

translate(document);
createApp(App).mount(part("main", HTMLElement));
