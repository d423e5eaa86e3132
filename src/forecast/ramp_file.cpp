#include "forecast/model_parts.hpp"
#include "forecast/ramp.hpp"
#include "forecast/ramp_rows.hpp"

#include <algorithm>

namespace headroom::forecast {
namespace {

constexpr std::string_view ramp_model_words = "headroom-ramp-model 1 ";

json::Value write_ramp_lead(const RampModel::Lead& lead) {
    return json::Object{{"lead_s", lead.lead_s},
                        {"rows", static_cast<std::int64_t>(lead.rows)},
                        {"error_mean", lead.error_mean},
                        {"no_ramp_mean", lead.no_ramp_mean},
                        {"change", write(lead.change)},
                        {"width", write(lead.width)},
                        {"errors", json::Array(lead.errors.begin(), lead.errors.end())}};
}

RampModel::Lead read_ramp_lead(Fields& fields, const json::Value& from, std::size_t columns) {
    RampModel::Lead lead{.lead_s = fields.integer(from, "lead_s")};
    lead.rows = static_cast<std::size_t>(fields.integer(from, "rows"));
    lead.error_mean = fields.number(from, "error_mean");
    lead.no_ramp_mean = fields.number(from, "no_ramp_mean");
    lead.change = read_trees(fields, fields.member(from, "change"), columns);
    lead.width = read_trees(fields, fields.member(from, "width"), columns);
    const std::vector<double> errors = fields.numbers(from, "errors");
    if (errors.size() != quantile_count || !std::ranges::is_sorted(errors)) {
        fields.refuse("errors do not ascend");
        return lead;
    }
    std::ranges::copy(errors, lead.errors.begin());
    return lead;
}

}  // namespace

std::string write_ramp(const RampModel& model) {
    return sealed(ramp_model_words,
                  json::Object{{"schema_hash", model.schema_hash},
                               {"cadence_s", model.cadence_s},
                               {"seed", model.seed},
                               {"data_from_s", model.data_from_s},
                               {"data_to_s", model.data_to_s},
                               {"external", list(model.external, [](const std::string& v) { return v; })},
                               {"leads", list(model.leads,
                                              [](const RampModel::Lead& v) { return write_ramp_lead(v); })}});
}

Result<RampModel> read_ramp(std::string_view text) {
    const Result<json::Value> body = unsealed(ramp_model_words, text);
    if (!body) {
        return body.error();
    }
    Fields fields;
    RampModel model{.schema_hash = fields.text(*body, "schema_hash"),
                    .cadence_s = fields.integer(*body, "cadence_s"),
                    .seed = static_cast<std::uint32_t>(fields.integer(*body, "seed")),
                    .data_from_s = fields.integer(*body, "data_from_s"),
                    .data_to_s = fields.integer(*body, "data_to_s"),
                    .external = fields.texts(*body, "external"),
                    .leads = {}};
    for (const json::Value& lead : fields.array(*body, "leads")) {
        model.leads.push_back(read_ramp_lead(fields, lead, ramp_columns + model.external.size()));
        if (fields.fault()) {
            return *fields.fault();
        }
    }
    if (model.leads.empty() || model.cadence_s <= 0 ||
        model.schema_hash !=
            features::stream_schema_hash(model.external, milliseconds{model.cadence_s * 1000})) {
        fields.refuse("rows are not those of this version");
    }
    return fields.fault() ? Result<RampModel>(*fields.fault()) : Result<RampModel>(std::move(model));
}

Result<void> save_ramp(const RampModel& model, const std::filesystem::path& file) {
    return replace_file(file, write_ramp(model));
}

Result<RampModel> load_ramp(const std::filesystem::path& file) {
    const Result<std::string> text = read_whole_file(file);
    if (!text) {
        return text.error();
    }
    Result<RampModel> model = read_ramp(*text);
    return model ? std::move(model)
                 : Result<RampModel>(Error{model.error().code, file.string() + ": " + model.error().message});
}

}  // namespace headroom::forecast
