#include "forecast/lead_model.hpp"

#include <algorithm>
#include <cmath>

namespace headroom::forecast {
namespace {

double weighted(const MemberValues& members, std::span<const double> blend) {
    double sum = 0.0;
    double weight = 0.0;
    for (std::size_t i = 0; i < member_count; ++i) {
        if (!std::isnan(members[i])) {
            sum += blend[i] * members[i];
            weight += blend[i];
        }
    }
    return weight > 0.0 ? sum / weight : 0.0;
}

}  // namespace

void append_width_columns(const MemberValues& members, double blended, std::vector<float>& out) {
    double squares = 0.0;
    double count = 0.0;
    for (const double member : members) {
        if (!std::isnan(member)) {
            squares += (member - blended) * (member - blended);
            count += 1.0;
        }
    }
    out.push_back(static_cast<float>(blended));
    out.push_back(static_cast<float>(count > 0.0 ? std::sqrt(squares / count) : 0.0));
}

/// Everything but the trees of all series, which may be asked for many rows at once.
void LeadModel::linear_members(std::span<const float> row, std::int32_t series, std::vector<double>& expanded,
                               MemberValues& out) const {
    out[index(Member::base)] = 0.0;
    expanded.resize(terms.size());
    terms.expand(row, expanded);
    out[index(Member::all_ridge)] = all_ridge.predict(expanded);
    if (series >= 0 && static_cast<std::size_t>(series) < own.size() &&
        own[static_cast<std::size_t>(series)].is_there) {
        const Own& mine = own[static_cast<std::size_t>(series)];
        out[index(Member::own_trees)] = static_cast<double>(mine.trees.predict(row));
        out[index(Member::own_ridge_loose)] = mine.loose.predict(expanded);
        out[index(Member::own_ridge_tight)] = mine.tight.predict(expanded);
    }
    // A line may lead anywhere where it has never been.
    for (double& value : out) {
        value = std::isnan(value) ? value : std::clamp(value, -change_max, change_max);
    }
}

MemberValues LeadModel::members(std::span<const float> row, std::int32_t series) const {
    MemberValues out;
    out.fill(unknown_value);
    out[index(Member::all_trees)] = static_cast<double>(all_trees.predict(row));
    std::vector<double> expanded;
    linear_members(row, series, expanded, out);
    return out;
}

void LeadModel::members(std::span<const float> rows, std::span<const std::int32_t> series,
                        std::span<MemberValues> out, std::vector<float>& scratch) const {
    HEADROOM_ASSERT(series.size() == out.size() && !out.empty() && rows.size() % out.size() == 0);
    const std::size_t columns = rows.size() / out.size();
    scratch.resize(out.size());
    all_trees.predict(rows, scratch);
    std::vector<double> expanded;
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i].fill(unknown_value);
        out[i][index(Member::all_trees)] = static_cast<double>(scratch[i]);
        linear_members(rows.subspan(i * columns, columns), series[i], expanded, out[i]);
    }
}

void LeadModel::error_widths(std::span<const float> rows, std::span<const MemberValues> members,
                             std::span<const double> blended, std::span<double> out,
                             std::vector<float>& scratch) const {
    HEADROOM_ASSERT(members.size() == out.size() && blended.size() == out.size() && !out.empty());
    if (!width) {
        std::ranges::fill(out, 1.0);
        return;
    }
    const std::size_t columns = rows.size() / out.size();
    scratch.clear();
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::span<const float> row = rows.subspan(i * columns, columns);
        scratch.insert(scratch.end(), row.begin(), row.end());
        append_width_columns(members[i], blended[i], scratch);
    }
    const std::size_t wide = scratch.size();
    scratch.resize(wide + out.size());
    const std::span<float> answers = std::span(scratch).subspan(wide);
    width->predict(std::span(scratch).first(wide), answers);
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = std::max(std::exp(static_cast<double>(answers[i])), width_floor);
    }
}

double LeadModel::blended(const MemberValues& members, std::int32_t series) const {
    if (series >= 0 && static_cast<std::size_t>(series) < own.size() &&
        !own[static_cast<std::size_t>(series)].blend.empty()) {
        return weighted(members, own[static_cast<std::size_t>(series)].blend);
    }
    return weighted(members, blend);
}

double LeadModel::error_width(std::span<const float> row, const MemberValues& members, double blended) const {
    if (!width) {
        return 1.0;
    }
    std::vector<float> wide(row.begin(), row.end());
    append_width_columns(members, blended, wide);
    return std::max(std::exp(static_cast<double>(width->predict(wide))), width_floor);
}

}  // namespace headroom::forecast
