import { mount } from "svelte";
import { part, translate } from "../../lib/page";
import App from "./App.svelte";

translate(document);
mount(App, { target: part("main", HTMLElement) });
