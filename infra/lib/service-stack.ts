import { Stack, type App } from 'aws-cdk-lib';
import type { Cell } from './cell';
import type { FoundationStack } from './foundation-stack';
import { except, SERVICE_EXCEPTIONS } from './rules';
import { Alarms } from './service/alarms';
import { Balancer } from './service/balancer';
import { boundProblems } from './service/bounds';
import { Services } from './service/services';
import type { TemporalStack } from './temporal-stack';

/** The programs of a cell, what leads to them, and what watches them: replaced at every upgrade. */
export class ServiceStack extends Stack {
  constructor(
    app: App,
    cell: Cell,
    { foundation, temporal }: { foundation: FoundationStack; temporal: TemporalStack | null },
  ) {
    super(app, cell.names.stack('service'), {
      env: { region: cell.region },
      description: `Spaceport ${cell.deployment}: server, workers, load balancer, alarms`,
    });
    except(this, SERVICE_EXCEPTIONS);
    // Programs of it end at once where Temporal does not answer.
    if (temporal !== null) this.addStackDependency(temporal);
    const problems = boundProblems();
    if (problems.length > 0) throw new RangeError(problems.join('; '));
    const balancer = new Balancer(this, cell, foundation);
    const services = new Services(this, cell, { foundation, balancer });
    new Alarms(this, cell, { foundation, balancer, services, temporal });
  }
}
