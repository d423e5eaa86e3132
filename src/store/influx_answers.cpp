#include "store/influx_answers.hpp"

#include "store/influx_wire.hpp"

#include <algorithm>
#include <limits>

namespace headroom::store::influx {
const json::Value* Row::find(std::string_view column) const {
    const auto found = std::find(columns_->begin(), columns_->end(), column);
    const auto at = static_cast<std::size_t>(found - columns_->begin());
    return at < values_->size() && found != columns_->end() ? &(*values_)[at] : nullptr;
}

std::int64_t Row::time_ms() const {
    const json::Value* time = find("time");
    return time != nullptr ? time->as_int().value_or(0) : 0;
}

double Row::number(std::string_view column) const {
    const json::Value* value = find(column);
    return value != nullptr ? value->as_double().value_or(std::numeric_limits<double>::quiet_NaN())
                            : std::numeric_limits<double>::quiet_NaN();
}

std::string Row::text(std::string_view column) const {
    const json::Value* value = find(column);
    const std::string* text = value != nullptr ? value->as_string() : nullptr;
    return text != nullptr ? *text : std::string();
}

Table::Table(json::Value body, std::vector<std::vector<std::string>> columns)
    : body_(std::make_unique<json::Value>(std::move(body))),
      columns_(std::make_unique<std::vector<std::vector<std::string>>>(std::move(columns))) {
    const json::Value* list = body_->at("/results/0/series");
    for (std::size_t i = 0; i < columns_->size(); ++i) {
        const json::Value& series = (*list->as_array())[i];
        const json::Value* values = series.get("values");
        if (values == nullptr || !values->is_array()) {
            continue;
        }
        for (const json::Value& row : *values->as_array()) {
            if (row.is_array()) {
                rows_.emplace_back((*columns_)[i], *row.as_array(), series.get("tags"));
            }
        }
    }
}

Result<Table> table_of(const Result<net::ClientResponse>& response) {
    if (!response) {
        return response.error();
    }
    if (response->status != 200) {
        const bool is_denied = response->status == 401 || response->status == 403;
        const bool is_later = response->status == 429 || response->status >= 500;
        return Error{is_denied  ? Errc::denied
                     : is_later ? Errc::unavailable
                                : Errc::invalid,
                     "InfluxDB: " + fault_text(*response)};
    }
    Result<json::Value> body = json::parse(response->body, {.bytes = answer_bytes_max});
    if (!body || body->at("/results/0") == nullptr) {
        return Error{Errc::corrupt, "InfluxDB: the answer to a query is not one of InfluxDB's"};
    }
    if (const std::string fault = body->text("/results/0/error"); !fault.empty()) {
        return Error{Errc::invalid, "InfluxDB: " + fault};
    }
    std::vector<std::vector<std::string>> columns;
    const json::Value* list = body->at("/results/0/series");
    if (list != nullptr && list->is_array()) {
        for (const json::Value& series : *list->as_array()) {
            std::vector<std::string>& names = columns.emplace_back();
            const json::Value* given = series.get("columns");
            if (given == nullptr || !given->is_array()) {
                continue;
            }
            for (const json::Value& name : *given->as_array()) {
                names.push_back(name.as_string() != nullptr ? *name.as_string() : std::string());
            }
        }
    }
    return Table(std::move(*body), std::move(columns));
}

std::vector<Measurement> measurements_of(const Table& table, std::string_view name, std::string_view source,
                                         const std::map<std::string, std::string>& kind_of) {
    std::vector<Measurement> out;
    for (const Row& row : table.rows()) {
        Measurement one{
            .name = std::string(name), .tags = {}, .fields = {}, .at = UtcTime{milliseconds{row.time_ms()}}};
        if (row.tags() != nullptr && row.tags()->is_object()) {
            for (const auto& [key, value] : row.tags()->as_object()->members()) {
                const std::string text = value.as_string() != nullptr ? *value.as_string() : std::string();
                if (!text.empty() && (key != "source" || text != source)) {
                    one.tags.emplace_back(key, text);
                }
            }
        }
        for (const std::string& column : row.columns()) {
            const json::Value* value = row.find(column);
            const auto kind = kind_of.find(column);
            if (column == "time" || value == nullptr || value->is_null() || kind == kind_of.end()) {
                continue;
            }
            if (kind->second == "float") {
                one.fields.emplace_back(column, value->as_double().value_or(0.0));
            } else if (kind->second == "integer") {
                one.fields.emplace_back(column, value->as_int().value_or(0));
            } else if (kind->second == "boolean") {
                one.fields.emplace_back(column, value->as_bool().value_or(false));
            } else {
                one.fields.emplace_back(column, row.text(column));
            }
        }
        std::sort(one.tags.begin(), one.tags.end());
        std::sort(one.fields.begin(), one.fields.end(),
                  [](const auto& a, const auto& b) { return a.first < b.first; });
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace headroom::store::influx
