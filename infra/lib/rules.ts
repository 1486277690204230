import {
  CloudFormationValidatePlugin,
  Validations,
  type App,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  type Stack,
} from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** Rules of cdk-nag that a stack does not follow, each with the reason. */
export interface Exceptions {
  readonly [rule: string]: string;
}

export const FOUNDATION_EXCEPTIONS: Exceptions = {
  'AwsSolutions-EC23':
    'the load balancer is there for people anywhere: ports 443 and 80, the second only to lead to HTTPS',
  'AwsSolutions-SMG4':
    'no secret can be changed by a program: Temporal’s and SES’s are made by people there, the others by us',
  'AwsSolutions-RDS11': 'the port of PostgreSQL is no secret: only the server’s security group reaches it',
};

/** What a stage to try things in does without. */
export const DEV_EXCEPTIONS: Exceptions = {
  'AwsSolutions-RDS3': 'one zone: the database is made anew of the bucket',
  'AwsSolutions-RDS10': 'it may be deleted with the stack',
};

export const SERVICE_EXCEPTIONS: Exceptions = {
  'AwsSolutions-ECS2': 'what stands openly in the environment is no secret; secrets come from Secrets Manager',
};

export function except(stack: Stack, ...exceptions: readonly Exceptions[]): void {
  for (const [id, reason] of exceptions.flatMap((rules) => Object.entries(rules)))
    Validations.of(stack).acknowledge({ id, reason });
}

/**
 * cdk-nag without its rule on wildcards in permissions: it wants an exception for each resource that ends in one, and
 * knows nothing of what is needed. test/infra/permissions.test.ts judges every statement instead, and is stricter.
 */
class BestPractices implements IPolicyValidationPlugin {
  readonly name = 'cdk-nag';
  private readonly pack: AwsSolutionsChecks;

  constructor(private readonly app: App) {
    this.pack = new AwsSolutionsChecks(app);
  }

  validate(_context: IPolicyValidationContext): PolicyValidationPluginReport {
    const { violations } = this.pack.validateScope(this.app);
    const judged = violations.filter(({ ruleName }) => !ruleName.startsWith('AwsSolutions-IAM5['));
    return { success: judged.length === 0, violations: judged };
  }
}

/** The synthesis fails where a template breaks a rule: of AWS's schemas, or of good practice. */
export const addRules = (app: App): void =>
  Validations.of(app).addPlugins(new BestPractices(app), new CloudFormationValidatePlugin());
