import { mount } from 'svelte';
import App from './App.svelte';
import { theme } from './state/page/theme.svelte.ts';
import './styles/base.css';

theme.restore();

const target = document.getElementById('lab');
if (target === null) throw new Error('index.html has no element #lab');
mount(App, { target });
