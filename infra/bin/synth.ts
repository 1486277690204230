import { accountOf } from '../lib/account';
import { addRules } from '../lib/rules';
import { settings } from '../settings';

/** Writes the templates of the account in `settings.ts` to the folder that CDK names, or to the one that is named. */
const app = accountOf(settings, process.argv[2]);
addRules(app);
app.synth();
