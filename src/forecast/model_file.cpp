#include "forecast/model_file.hpp"

#include "forecast/model_parts.hpp"

#include <algorithm>
#include <string>

namespace headroom::forecast {
namespace {

constexpr std::string_view forecast_model_words = "headroom-forecast-model 1 ";

json::Value write_linear(const LinearModel& model) {
    return json::Object{{"constant", model.constant}, {"weights", numbers(model.weights)}};
}

json::Value write_ensemble_lead(const EnsembleLead& lead) {
    json::Array own;
    for (const LeadModel::Own& mine : lead.model.own) {
        json::Object object{{"blend", numbers(mine.blend)}};
        if (mine.is_there) {
            object.set("trees", write(mine.trees))
                .set("loose", write_linear(mine.loose))
                .set("tight", write_linear(mine.tight));
        }
        own.emplace_back(std::move(object));
    }
    json::Array errors;
    for (const QuantileValues& block : lead.errors) {
        errors.emplace_back(json::Array(block.begin(), block.end()));
    }
    return json::Object{
        {"lead_s", lead.lead_s},
        {"rows", static_cast<std::int64_t>(lead.rows)},
        {"error_mean", lead.error_mean},
        {"base_error_mean", lead.base_error_mean},
        {"kinds", list(lead.model.terms.kinds(), [](ColumnKind k) { return static_cast<int>(k); })},
        {"centres", numbers(lead.model.terms.centres())},
        {"spreads", numbers(lead.model.terms.spreads())},
        {"trees", write(lead.model.all_trees)},
        {"ridge", write_linear(lead.model.all_ridge)},
        {"blend", numbers(lead.model.blend)},
        {"width", lead.model.width ? write(*lead.model.width) : json::Value()},
        {"own", std::move(own)},
        {"errors", std::move(errors)}};
}

LinearModel read_linear(Fields& fields, const json::Value& from, std::size_t terms) {
    LinearModel model{.constant = fields.number(from, "constant"),
                      .weights = fields.numbers(from, "weights")};
    if (!model.weights.empty() && model.weights.size() != terms) {
        fields.refuse("weights are not as many as the terms");
    }
    return model;
}

std::vector<double> read_blend(Fields& fields, const json::Value& from) {
    std::vector<double> blend = fields.numbers(from, "blend");
    if (!blend.empty() && blend.size() != member_count) {
        fields.refuse("blend has not one weight a member");
    }
    return blend;
}

EnsembleLead read_ensemble_lead(Fields& fields, const json::Value& from, std::size_t series) {
    EnsembleLead lead;
    lead.lead_s = fields.integer(from, "lead_s");
    lead.rows = static_cast<std::size_t>(fields.integer(from, "rows"));
    lead.error_mean = fields.number(from, "error_mean");
    lead.base_error_mean = fields.number(from, "base_error_mean");
    std::vector<ColumnKind> kinds;
    for (const double kind : fields.numbers(from, "kinds")) {
        if (kind < 0.0 || kind > static_cast<double>(ColumnKind::holiday)) {
            fields.refuse("kinds hold an unknown one");
            return lead;
        }
        kinds.push_back(static_cast<ColumnKind>(static_cast<int>(kind)));
    }
    std::vector<double> centres = fields.numbers(from, "centres");
    std::vector<double> spreads = fields.numbers(from, "spreads");
    const std::size_t columns = kinds.size();
    if (centres.size() != columns || spreads.size() != columns || columns == 0) {
        fields.refuse("columns, centres and spreads differ in number");
        return lead;
    }
    lead.model.terms = LinearTerms(std::move(kinds), std::move(centres), std::move(spreads));
    const std::size_t terms = lead.model.terms.size();
    lead.model.all_trees = read_trees(fields, fields.member(from, "trees"), columns);
    lead.model.all_ridge = read_linear(fields, fields.member(from, "ridge"), terms);
    lead.model.blend = read_blend(fields, from);
    if (lead.model.blend.empty()) {
        fields.refuse("blend is empty");
    }
    if (const json::Value& width = fields.member(from, "width"); !width.is_null()) {
        lead.model.width = read_trees(fields, width, columns + 2);
    }
    for (const json::Value& mine : fields.array(from, "own")) {
        LeadModel::Own& own = lead.model.own.emplace_back();
        own.blend = read_blend(fields, mine);
        own.is_there = mine.get("trees") != nullptr;
        if (own.is_there) {
            own.trees = read_trees(fields, fields.member(mine, "trees"), columns);
            own.loose = read_linear(fields, fields.member(mine, "loose"), terms);
            own.tight = read_linear(fields, fields.member(mine, "tight"), terms);
        }
    }
    const json::Array& errors = fields.array(from, "errors");
    if (lead.model.own.size() != series || errors.size() != lead.errors.size()) {
        fields.refuse("own models or errors are not as many as they should be");
        return lead;
    }
    for (std::size_t block = 0; block < errors.size(); ++block) {
        const json::Value wrapped = json::Object{{"errors", errors[block]}};
        const std::vector<double> values = fields.numbers(wrapped, "errors");
        if (values.size() != quantile_count || !std::is_sorted(values.begin(), values.end())) {
            fields.refuse("errors do not ascend");
            return lead;
        }
        std::copy(values.begin(), values.end(), lead.errors[block].begin());
    }
    return lead;
}

}  // namespace

std::string write_model(const Ensemble& ensemble) {
    const auto text = [](const std::string& v) { return v; };
    const json::Value body = json::Object{
        {"schema_hash", ensemble.schema_hash},
        {"region", to_string(ensemble.region)},
        {"step_s", ensemble.step_s},
        {"seed", ensemble.seed},
        {"data_from_s", ensemble.data_from_s},
        {"data_to_s", ensemble.data_to_s},
        {"covariates", list(ensemble.covariates, text)},
        {"series", list(ensemble.series, text)},
        {"leads", list(ensemble.leads, [](const EnsembleLead& lead) { return write_ensemble_lead(lead); })}};
    return sealed(forecast_model_words, body);
}

Result<Ensemble> read_model(std::string_view text) {
    if (!text.starts_with(forecast_model_words)) {
        return Error{Errc::unsupported, "this is no forecast model of version 1"};
    }
    const Result<json::Value> body = unsealed(forecast_model_words, text);
    if (!body) {
        return body.error();
    }
    Fields fields;
    Ensemble ensemble;
    ensemble.schema_hash = fields.text(*body, "schema_hash");
    const Result<Region> region = parse_region(fields.text(*body, "region"));
    if (!region) {
        return Error{Errc::corrupt, region.error().message};
    }
    ensemble.region = *region;
    ensemble.step_s = fields.integer(*body, "step_s");
    ensemble.seed = static_cast<std::uint32_t>(fields.integer(*body, "seed"));
    ensemble.data_from_s = fields.integer(*body, "data_from_s");
    ensemble.data_to_s = fields.integer(*body, "data_to_s");
    ensemble.covariates = fields.texts(*body, "covariates");
    ensemble.series = fields.texts(*body, "series");
    for (const json::Value& lead : fields.array(*body, "leads")) {
        ensemble.leads.push_back(read_ensemble_lead(fields, lead, ensemble.series.size()));
        if (fields.fault()) {
            return *fields.fault();
        }
        if (ensemble.leads.size() > 1 && ensemble.leads.back().lead_s <= ensemble.leads.rbegin()[1].lead_s) {
            fields.refuse("leads do not ascend");
        }
    }
    if (ensemble.leads.empty()) {
        fields.refuse("leads are none");
    }
    return fields.fault() ? Result<Ensemble>(*fields.fault()) : Result<Ensemble>(std::move(ensemble));
}

Result<void> save_model(const Ensemble& ensemble, const std::filesystem::path& file) {
    return replace_file(file, write_model(ensemble));
}

Result<Ensemble> load_model(const std::filesystem::path& file) {
    const Result<std::string> text = read_whole_file(file);
    if (!text) {
        return text.error();
    }
    Result<Ensemble> ensemble = read_model(*text);
    if (!ensemble) {
        return Error{ensemble.error().code, file.string() + ": " + ensemble.error().message};
    }
    return ensemble;
}

}  // namespace headroom::forecast
