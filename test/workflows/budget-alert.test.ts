import { DEFAULT_POLICY } from '../../contracts/job/policy';
import { budgetAlertWorkflowId } from '../../contracts/job/temporal-names';
import { unsuccessful } from '../../activities/application-failures';
import { budgetMessage } from '../../activities/notify/budget-mail';
import { createSendAlert } from '../../server/budgets/temporal-alerts';
import { FakeCloud } from '../helpers/workflows/fake-cloud';
import { withWorkers, workflowSuite } from '../helpers/workflows/run-job';
import { waitFor } from '../helpers/wait-for';

const suite = workflowSuite();
const publicUrl = 'https://spaceport.example.com';
const alert = {
  tenant: 'acme',
  name: 'Acme <Surveys>',
  email: 'money@acme.example',
  month: '2026-11',
  percent: 80,
  spentUsd: 8.25,
  budgetUsd: 10,
} as const;

test('an alert that is sent twice is one mail, also after the first has arrived', async () => {
  const cloud = new FakeCloud();
  const deployment = 'budget1';
  await withWorkers(suite(), deployment, cloud, async () => {
    const send = createSendAlert(suite().temporal.client, { deployment, policy: DEFAULT_POLICY, publicUrl });
    await Promise.all([send(alert), send(alert)]);
    const id = budgetAlertWorkflowId(deployment, alert);
    expect(await suite().temporal.client.workflow.getHandle(id).result()).toBe('250 taken');
    await send(alert);
    await send({ ...alert, percent: 100 });
    await waitFor('the second mail', () => cloud.budgetMails.length === 2);
    expect(cloud.budgetMails).toEqual([
      { ...alert, messageId: id },
      { ...alert, percent: 100, messageId: budgetAlertWorkflowId(deployment, { ...alert, percent: 100 }) },
    ]);
  });
});

test('a mail that is refused for good fails its workflow with the reason', async () => {
  const cloud = new FakeCloud();
  cloud.delivers = { sendBudgetMail: () => Promise.reject(unsuccessful('MAIL_REJECTED', '550 no such user')) };
  const deployment = 'budget2';
  await withWorkers(suite(), deployment, cloud, async () => {
    await createSendAlert(suite().temporal.client, { deployment, policy: DEFAULT_POLICY, publicUrl })(alert);
    const handle = suite().temporal.client.workflow.getHandle(budgetAlertWorkflowId(deployment, alert));
    await expect(handle.result()).rejects.toMatchObject({
      cause: { type: 'MAIL_REJECTED', message: '550 no such user' },
    });
  });
});

test('the mail says how much of what is spent, and what follows', () => {
  const { subject, text, html } = budgetMessage(alert, publicUrl);
  expect(subject).toBe('80 % of the budget of 2026-11 are spent (Acme <Surveys>)');
  expect(text).toContain('$8.25 of $10.00');
  expect(text).toContain('new ones are taken');
  expect(html).toContain('Acme &lt;Surveys&gt;');
  expect(budgetMessage({ ...alert, percent: 100, spentUsd: 11 }, publicUrl).text).toContain('are refused until');
});
