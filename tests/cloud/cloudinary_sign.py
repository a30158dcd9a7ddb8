"""Cloudinary's signatures: of requests, of answers, of delivery links."""

import base64
import hashlib
import hmac

NOT_SIGNED = {"file", "cloud_name", "resource_type", "api_key", "signature"}


def digest(text, secret, algorithm):
    return hashlib.new(algorithm, (text + secret).encode()).hexdigest()


def string_to_sign(params, version):
    """PARAMS: {name: text, number or list}."""
    pairs = []
    for name, value in params.items():
        if isinstance(value, (list, tuple)):
            value = ",".join(str(item) for item in value)
        if name in NOT_SIGNED or value is None or value == "":
            continue
        pair = f"{name}={value}"
        if version == 2:
            pair = pair.replace("&", "%26")
        pairs.append((name.encode(), pair))
    return "&".join(pair for _, pair in sorted(pairs))


def sign(params, secret, algorithm="sha1", version=2):
    return digest(string_to_sign(params, version), secret, algorithm)


def posted(fields):
    """Form fields as {name: text or list}: repeated name[] is one list."""
    params = {}
    for name, value in fields:
        if name.endswith("[]"):
            params.setdefault(name[:-2], []).append(value)
        else:
            params[name] = value
    return params


def fits(fields, signature, secret, algorithms, versions):
    """Does SIGNATURE belong to FIELDS? Its length tells its algorithm."""
    algorithm = "sha256" if len(signature) == 64 else "sha1"
    return algorithm in algorithms and any(
        hmac.compare_digest(sign(posted(fields), secret, algorithm, version).encode(),
                            signature.encode())
        for version in versions)


def answer_signature(public_id, version, secret, algorithm="sha1"):
    return digest(f"public_id={public_id}&version={version}", secret, algorithm)


def link_signatures(transformation, name, secret, algorithms=("sha1", "sha256")):
    """What may stand between s-- and --."""
    text = "/".join(part for part in (transformation, name) if part) + secret

    def encoded(algorithm):
        raw = hashlib.new(algorithm, text.encode()).digest()
        return base64.urlsafe_b64encode(raw).decode()

    return {encoded(algorithm)[:8] for algorithm in algorithms} | {encoded("sha256")[:32]}
