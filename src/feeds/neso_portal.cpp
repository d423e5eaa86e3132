#include "feeds/neso_portal.hpp"

#include <algorithm>
#include <cctype>

namespace headroom::feeds::neso_portal {
namespace {

bool is_uuid(std::string_view text) {
    if (text.size() != 36) {
        return false;
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (is_dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) {
            return false;
        }
    }
    return true;
}

}  // namespace

Result<FeedRequest> datastore(std::string_view resource_id, std::size_t offset) {
    if (!is_uuid(resource_id)) {
        return Error{Errc::invalid, "'" + std::string(resource_id) + "' is no resource: a UUID is"};
    }
    return FeedRequest{"/datastore_search",
                       {{"resource_id", std::string(resource_id)},
                        {"limit", std::to_string(page_records)},
                        {"offset", std::to_string(offset)}}};
}

Result<Table> decode_datastore(std::string_view body) {
    const Result<json::Value> answer = parse_answer(body);
    if (!answer) {
        return answer.error();
    }
    if (const std::string* words = answer->as_string()) {
        return Error{Errc::unavailable,
                     *words};  // a bare text is how it refuses an action that it does not know
    }
    if (!answer->boolean("/success")) {
        return Error{Errc::unavailable,
                     answer->text("/error/message", answer->text("/error/__type", "refused"))};
    }
    const json::Value* fields = answer->at("/result/fields");
    const json::Value* records = answer->at("/result/records");
    if (fields == nullptr || fields->as_array() == nullptr || records == nullptr ||
        records->as_array() == nullptr) {
        return Error{Errc::invalid, "the answer has no fields and records", "/result"};
    }
    Table out;
    for (const json::Value& field : *fields->as_array()) {
        out.columns.push_back(field.text("/id"));
    }
    for (const json::Value& record : *records->as_array()) {
        std::vector<json::Value>& row = out.rows.emplace_back();
        for (const std::string& column : out.columns) {
            const json::Value* value = record.get(column);
            row.push_back(value != nullptr ? *value : json::Value());
        }
    }
    out.total = static_cast<std::size_t>(
        std::max<std::int64_t>(static_cast<std::int64_t>(out.rows.size()), answer->integer("/result/total")));
    return out;
}

}  // namespace headroom::feeds::neso_portal
