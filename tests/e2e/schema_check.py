"""Whether a value fits a schema of the OpenAPI document: the part of JSON Schema that the document uses."""


def faults(value, schema, document, where=""):
    """What does not fit, as a list of sentences."""
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        return faults(value, target, document, where)
    if "anyOf" in schema:
        tries = [faults(value, option, document, where) for option in schema["anyOf"]]
        return [] if any(not found for found in tries) else min(tries, key=len)
    found = []
    for part in schema.get("allOf", []):
        found += faults(value, part, document, where)
    kinds = schema.get("type")
    if kinds is not None and not any(fits(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return found + [f"{where or '/'} is {value!r}, not {kinds}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where} is {value!r}, not one of {schema['enum']}")
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                found.append(f"{where}/{name} is missing")
        for name, member in value.items():
            if name in schema.get("properties", {}):
                found += faults(member, schema["properties"][name], document, f"{where}/{name}")
    if isinstance(value, list) and "items" in schema:
        for i, item in enumerate(value):
            found += faults(item, schema["items"], document, f"{where}/{i}")
    return found


def fits(value, kind):
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}[kind] is type(value)
