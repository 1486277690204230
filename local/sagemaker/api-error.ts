/** Codes that the AWS SDK knows of these two services, with the HTTP status they come with in the JSON protocols. */
const API_ERRORS = {
  AccessDeniedException: 400,
  IncompleteSignatureException: 400,
  InternalFailure: 500,
  InvalidParameterException: 400,
  InvalidSignatureException: 400,
  MissingAuthenticationTokenException: 400,
  ResourceInUse: 400,
  ResourceLimitExceeded: 400,
  ResourceNotFoundException: 400,
  SerializationException: 400,
  ServiceUnavailable: 503,
  ThrottlingException: 400,
  UnknownOperationException: 400,
  UnrecognizedClientException: 400,
  ValidationException: 400,
} as const;

type ApiErrorCode = keyof typeof API_ERRORS;

/** An answer other than success: `{"__type": code, "message": message}`. */
export class ApiError extends Error {
  readonly status: number;

  constructor(
    readonly code: ApiErrorCode,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = API_ERRORS[code];
  }
}
