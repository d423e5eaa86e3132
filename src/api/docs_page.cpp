#include "api/docs_page.hpp"

#include "core/digest.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::api {
namespace {

constexpr std::string_view style = R"(
:root{color-scheme:light dark;--back:#fff;--text:#1a1d21;--soft:#565d66;--line:#c9ced6;--panel:#f4f6f8;--link:#0b57a4}
@media (prefers-color-scheme:dark){:root{--back:#15181c;--text:#e6e9ed;--soft:#a3abb5;--line:#3a4048;--panel:#1e2227;--link:#7db7f5}}
*{box-sizing:border-box}body{margin:0 auto;max-width:68rem;padding:1rem 1.25rem 4rem;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
a{color:var(--link)}h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.1rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h4{font-size:.9rem;margin:1rem 0 .25rem}p{margin:.25rem 0 .5rem;max-width:48rem}
details{border:1px solid var(--line);border-radius:4px;margin:.35rem 0;background:var(--panel)}summary{cursor:pointer;padding:.45rem .75rem}
summary:focus-visible,a:focus-visible{outline:2px solid var(--link);outline-offset:2px}details>div{padding:0 .75rem .75rem;overflow-x:auto}
code,pre{font:13px/1.45 ui-monospace,monospace}.method{display:inline-block;min-width:4rem;font-weight:700}.role{float:right;color:var(--soft);font-size:.85rem}
.soft{color:var(--soft)}table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;vertical-align:top;border-top:1px solid var(--line);padding:.25rem .75rem .25rem 0}
pre{background:var(--back);border:1px solid var(--line);border-radius:4px;padding:.6rem;max-height:24rem;overflow:auto;margin:.25rem 0}
nav{display:flex;flex-wrap:wrap;gap:.15rem 1rem}
)";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string code(std::string_view text) {
    return "<code>" + escaped(text) + "</code>";
}

/// A schema in a few words: "integer", "Feeder", "list of Slot", "string or null".
std::string type_words(const json::Value& schema) {
    if (const json::Value* reference = schema.get("$ref")) {
        const std::string& target = *reference->as_string();
        const std::string name = target.substr(target.rfind('/') + 1);
        return "<a href=\"#schema-" + escaped(name) + "\">" + escaped(name) + "</a>";
    }
    for (const auto& [key, joint] : {std::pair{"anyOf", " or "}, std::pair{"allOf", " and "}}) {
        if (const json::Value* parts = schema.get(key)) {
            std::string out;
            for (const json::Value& part : *parts->as_array()) {
                out += (out.empty() ? "" : joint) + type_words(part);
            }
            return out;
        }
    }
    if (const json::Value* words = schema.get("enum")) {
        std::string out;
        for (const json::Value& word : *words->as_array()) {
            out += (out.empty() ? "" : ", ") + code(word.text(""));
        }
        return out;
    }
    const json::Value* type = schema.get("type");
    if (type == nullptr) {
        return "anything";
    }
    if (const json::Array* types = type->as_array()) {
        std::string out;
        for (const json::Value& one : *types) {
            out += (out.empty() ? "" : " or ") + escaped(one.text(""));
        }
        return out;
    }
    const std::string word = type->text("");
    if (word == "array" && schema.get("items") != nullptr) {
        return "list of " + type_words(*schema.get("items"));
    }
    const std::string format = schema.text("/format");
    return escaped(format.empty() ? word : format);
}

std::string members_table(const json::Value& schema) {
    const json::Value* properties = schema.get("properties");
    if (properties == nullptr || properties->as_object()->empty()) {
        return "";
    }
    std::string out = "<table><thead><tr><th>Member<th>Type<th>Meaning</thead><tbody>";
    for (const auto& [name, member] : properties->as_object()->members()) {
        const std::string unit = member.text("/x-unit");
        out += "<tr><td>" + code(name) + "<td>" + type_words(member) + "<td>" +
               escaped(member.text("/description")) +
               (unit.empty() ? "" : " <span class=soft>" + escaped(unit) + "</span>");
    }
    return out + "</tbody></table>";
}

std::string parameters_table(const json::Value& operation) {
    const json::Value* parameters = operation.get("parameters");
    if (parameters == nullptr) {
        return "";
    }
    std::string out = "<h4>Parameters</h4><table><thead><tr><th>Name<th>In<th>Type<th>Meaning</thead><tbody>";
    for (const json::Value& parameter : *parameters->as_array()) {
        out += "<tr><td>" + code(parameter.text("/name")) + "<td>" + escaped(parameter.text("/in")) + "<td>" +
               type_words(*parameter.get("schema")) + "<td>" + escaped(parameter.text("/description"));
    }
    return out + "</tbody></table>";
}

std::string content_of(const json::Value& body) {
    std::string out;
    const json::Value* content = body.get("content");
    for (const auto& [type, media] :
         content != nullptr ? content->as_object()->members() : std::vector<json::Object::Member>{}) {
        const json::Value* schema = media.get("schema");
        out += "<p class=soft>" + code(type) + (schema != nullptr ? ": " + type_words(*schema) : "") + "</p>";
        if (schema != nullptr && schema->get("$ref") == nullptr) {
            out += members_table(*schema);
        }
        if (const json::Value* example = media.get("example")) {
            out += "<pre tabindex=0>" + escaped(json::write_pretty(*example)) + "</pre>";
        }
    }
    return out;
}

std::string operation_html(const std::string& method, const std::string& path, const json::Value& operation) {
    std::string upper = method;
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    std::string out =
        "<details id=\"" + escaped(operation.text("/operationId")) + "\"><summary><span class=method>" +
        upper + "</span> " + code(path) + " <span class=soft>" + escaped(operation.text("/summary")) +
        "</span><span class=role>" + escaped(operation.text("/x-role")) + "</span></summary><div>";
    if (const std::string about = operation.text("/description"); !about.empty()) {
        out += "<p>" + escaped(about) + "</p>";
    }
    out += parameters_table(operation);
    if (const json::Value* body = operation.get("requestBody")) {
        out += "<h4>Request</h4>" + content_of(*body);
    }
    for (const auto& [status, response] : operation.get("responses")->as_object()->members()) {
        const bool is_problem = response.get("$ref") != nullptr;
        out += "<h4>" + escaped(status) + (is_problem ? "" : " " + escaped(response.text("/description"))) +
               "</h4>" + (is_problem ? "<p class=soft>A problem document.</p>" : content_of(response));
    }
    return out + "</div></details>";
}

std::string body_html(const json::Object& openapi) {
    const json::Value document(openapi);
    std::map<std::string, std::string> by_tag;
    for (const auto& [path, methods] : document.get("paths")->as_object()->members()) {
        for (const auto& [method, operation] : methods.as_object()->members()) {
            by_tag[operation.text("/tags/0")] += operation_html(method.str(), path.str(), operation);
        }
    }
    std::string nav = "<nav aria-label=\"Subjects\">";
    std::string sections;
    for (const auto& [tag, operations] : by_tag) {
        nav += "<a href=\"#tag-" + escaped(tag) + "\">" + escaped(tag) + "</a>";
        sections += "<section id=\"tag-" + escaped(tag) + "\"><h2>" + escaped(tag) + "</h2>" + operations +
                    "</section>";
    }
    std::string schemas;
    for (const auto& [name, schema] : document.at("/components/schemas")->as_object()->members()) {
        schemas += "<details id=\"schema-" + escaped(name) + "\"><summary>" + code(name) + "</summary><div>" +
                   members_table(schema) + "</div></details>";
    }
    return "<main><h1>" + escaped(document.text("/info/title")) + " " +
           escaped(document.text("/info/version")) + "</h1><p>" +
           escaped(document.text("/info/description")) +
           "</p><p>On the right: the least role that may use the route. The same for machines: "
           "<a href=\"/openapi.json\">openapi.json</a>.</p>" +
           nav + "<a href=\"#schemas\">schemas</a></nav>" + sections +
           "<section id=schemas><h2>Schemas</h2>" + schemas + "</section></main>";
}

}  // namespace

net::Response docs_page(const json::Object& openapi) {
    net::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body =
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport "
        "content=\"width=device-width\"><title>Headroom: routes</title><style>" +
        std::string(style) + "</style></head><body>" + body_html(openapi) + "</body></html>";
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; style-src 'sha256-" + to_base64(sha256(style)) +
                             "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    response.headers.set("Cache-Control", "no-cache");
    return response;
}

}  // namespace headroom::api
