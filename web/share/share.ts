/** Second entry: what the pages of shared links load beside the server's own document. */
import '../ui/tokens.css';
import '../ui/base.css';
import { showShared } from './shared-scene';

const root = document.getElementById('app');
const [, place, token] = location.pathname.split('/');
if (root !== null && token !== undefined) showShared(root, token, place === 'embed');
