"""Errors that OpenAI is known to answer with, as faults: {"do":"openai","error":NAME}."""

from faults import json_answer, register

QUOTA = ("You exceeded your current quota, please check your plan and billing details. "
         "For more information on this error, read the docs.")
USER = "image_generation_user_error"

# Name -> (status, type, code, param, message)
ERRORS = {
    "moderation_blocked": (
        400, USER, "moderation_blocked", None,
        "Your request was rejected by the safety system. If you believe this is an "
        "error, contact us at help.openai.com and include the request ID req_fault. "
        "safety_violations=[violence]."),
    "moderation_blocked_output": (
        400, USER, "moderation_blocked", None,
        "Your request was rejected by the safety system. safety_violations=[sexual]."),
    "content_policy_violation": (
        400, "invalid_request_error", "content_policy_violation", None,
        "Your request was rejected as a result of our safety system. Your prompt may "
        "contain text that is not allowed by our safety system."),
    "invalid_size": (
        400, USER, "invalid_value", "size",
        "Invalid size '1000x1000'. Width and height must both be divisible by 16."),
    "invalid_quality": (
        400, USER, "invalid_value", "quality",
        "Invalid value: 'standard'. Supported values are: 'low', 'medium', 'high', "
        "'auto'."),
    "unknown_parameter": (
        400, "invalid_request_error", "unknown_parameter", "response_format",
        "Unknown parameter: 'response_format'."),
    "invalid_input_fidelity_model": (
        400, "invalid_request_error", "invalid_input_fidelity_model", "input_fidelity",
        "The model does not support the 'input_fidelity' parameter."),
    "retired_model": (
        400, USER, None, "model", "The model 'dall-e-3' does not exist."),
    "invalid_image_file": (
        400, USER, "invalid_image_file", "image",
        "Invalid image file or mode for image 1, please check your image file."),
    "unsupported_file_mimetype": (
        400, "invalid_request_error", "unsupported_file_mimetype", "image",
        "Invalid file 'image': unsupported mimetype ('application/octet-stream')."),
    "image_too_large": (
        400, USER, "image_too_large", "image", "The image is larger than 50 MB."),
    "billing_hard_limit_reached": (
        400, "billing_limit_user_error", "billing_hard_limit_reached", None,
        "Billing hard limit has been reached."),
    "invalid_api_key": (
        401, "invalid_request_error", "invalid_api_key", None,
        "Incorrect API key provided: sk-cloud*****ting. You can find your API key at "
        "https://platform.openai.com/account/api-keys."),
    "account_deactivated": (
        401, "invalid_request_error", "account_deactivated", None,
        "The OpenAI account associated with this API key has been deactivated."),
    "not_verified": (
        403, "invalid_request_error", None, None,
        "Your organization must be verified to use the model `gpt-image-2.6-sunburst`. "
        "Please go to: https://platform.openai.com/settings/organization/general and "
        "click on Verify Organization. If you just verified, it can take up to 15 "
        "minutes for access to propagate."),
    "unsupported_country": (
        403, "request_forbidden", "unsupported_country_region_territory", None,
        "Country, region, or territory not supported"),
    "missing_scope": (
        403, "invalid_request_error", None, None,
        "You have insufficient permissions for this operation. Missing scopes: "
        "api.model.images.request."),
    "model_not_found": (
        404, "invalid_request_error", "model_not_found", "model",
        "The model `gpt-image-9` does not exist or you do not have access to it."),
    "rate_limit_exceeded": (
        429, "images", "rate_limit_exceeded", None,
        "Rate limit reached for gpt-image-2.5-flare in organization org-x on "
        "input-images per min: Limit 5, Used 5, Requested 1. Please try again in 12s."),
    "slow_down": (
        429, "rate_limit_error", "slow_down", None,
        "Your traffic has grown too fast. Please slow down."),
    "insufficient_quota": (
        429, "insufficient_quota", "insufficient_quota", None, QUOTA),
    "credit_balance_exhausted": (
        429, "insufficient_quota", "credit_balance_exhausted", None,
        "Your credit balance is exhausted."),
    "organization_spend_limit_exceeded": (
        429, "insufficient_quota", "organization_spend_limit_exceeded", None,
        "Your organization has reached its spend limit."),
    "project_spend_limit_exceeded": (
        429, "insufficient_quota", "project_spend_limit_exceeded", None,
        "Your project has reached its spend limit."),
    "organization_usage_limit_exceeded": (
        429, "insufficient_quota", "organization_usage_limit_exceeded", None,
        "Your organization has reached its usage limit."),
    "server_error": (
        500, "server_error", None, None,
        "The server had an error while processing your request. Sorry about that!"),
    "server_is_overloaded": (
        503, "service_unavailable_error", "server_is_overloaded", None,
        "Our servers are currently overloaded. Please try again later."),
}

DETAILS = {
    "moderation_blocked": {"moderation_stage": "input", "categories": ["violence"]},
    "moderation_blocked_output": {"moderation_stage": "output", "categories": ["sexual"]},
}


def make(rule, now):
    name = rule["error"]
    status, kind, code, param, message = ERRORS[name]
    error = {"message": message, "type": kind, "param": param, "code": code}
    if name in DETAILS:
        error["moderation_details"] = DETAILS[name]
    shape = rule.get("shape", "object")
    if shape == "string":
        body = {"error": message}
    elif shape == "number":
        body = {"error": error | {"code": status}}
    elif shape == "detail":
        body = {"detail": message}
    elif shape == "details":
        body = {"detail": [{"loc": ["body", param or "prompt"], "msg": message}]}
    else:
        body = {"error": error}
    return json_answer(status, body, [("x-request-id", "req_fault")])


def check(rule):
    if rule.get("error") not in ERRORS:
        raise ValueError(f"no error {rule.get('error')!r}; there are {' '.join(ERRORS)}")
    if rule.get("shape", "object") not in ("object", "string", "number", "detail",
                                           "details"):
        raise ValueError(f"no shape {rule['shape']!r}")


register("openai", {"error", "shape"}, make, check)
