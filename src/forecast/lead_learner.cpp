#include "forecast/lead_learner.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace headroom::forecast {
namespace {

constexpr std::array<double, 3> look_back_cuts{0.5, 0.66, 0.82};
constexpr MemberValues prior_all{0.1, 1.0, 1.0, 0.0, 0.0, 0.0};
constexpr MemberValues prior_own{0.1, 1.0, 0.5, 1.0, 0.7, 0.7};
constexpr double pooled_prior_rows = 300.0;
constexpr double own_prior_rows = 500.0;

std::vector<std::size_t> all_until(std::size_t end) {
    std::vector<std::size_t> all(end);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

std::vector<double> normalised(const MemberValues& weights) {
    double sum = 0.0;
    for (const double weight : weights) {
        sum += weight;
    }
    std::vector<double> out;
    for (const double weight : weights) {
        out.push_back(weight / sum);
    }
    return out;
}

}  // namespace

LeadLearner::LeadLearner(const LeadRows& rows, std::span<const Column> columns,
                         std::span<const SeriesScale> scales, std::int64_t step_s,
                         const LearnOptions& options)
    : rows_(rows),
      columns_(columns),
      scales_(scales),
      step_s_(step_s),
      options_(options),
      own_sums_(scales.size()),
      members_(rows.heads.size()),
      has_members_(rows.heads.size()),
      blended_(rows.heads.size()),
      widths_(rows.heads.size()) {
    options_.trees.seed = options.seed;
    options_.width_trees.seed = options.seed + 1;
}

double LeadLearner::truth(std::size_t i) const {
    const LeadRows::Head& head = rows_.heads[i];
    return (head.truth - head.base) / scales_[static_cast<std::size_t>(head.series)].spread;
}

GbdtProgress LeadLearner::unless_cancelled() const {
    if (options_.is_cancelled == nullptr) {
        return nullptr;
    }
    return [flag = options_.is_cancelled](int, int) { return !flag->load(std::memory_order_relaxed); };
}

std::size_t LeadLearner::rows_until(std::int64_t now) const {
    const auto end = std::ranges::upper_bound(rows_.heads, now, {}, &LeadRows::Head::target);
    return static_cast<std::size_t>(end - rows_.heads.begin());
}

Result<Trees> LeadLearner::grow(std::span<const std::size_t> rows, std::size_t rows_max) const {
    rows = rows.last(std::min(rows.size(), rows_max));
    std::vector<float> values;
    std::vector<float> targets;
    values.reserve(rows.size() * rows_.columns);
    for (const std::size_t i : rows) {
        const std::span<const float> row = rows_.row(i);
        values.insert(values.end(), row.begin(), row.end());
        targets.push_back(static_cast<float>(std::clamp(truth(i), -change_max, change_max)));
    }
    GbdtOptions options = options_.trees;
    const auto watched = static_cast<std::size_t>(options_.watched_share * static_cast<double>(rows.size()));
    if (watched > 0) {
        // How many trees the newest rows bear; then as many from all rows.
        const std::size_t older = rows.size() - watched;
        const GbdtRows learnt{.rows = std::span(values).first(older * rows_.columns),
                              .targets = std::span(targets).first(older),
                              .weights = {}};
        const GbdtRows watch{.rows = std::span(values).subspan(older * rows_.columns),
                             .targets = std::span(targets).subspan(older),
                             .weights = {}};
        const Result<GbdtFit> tried = grow_trees(rows_.columns, learnt, watch, options, unless_cancelled());
        if (!tried) {
            return tried.error();
        }
        options.rounds_max = tried->rounds;
    }
    Result<GbdtFit> fit = grow_trees(rows_.columns, {.rows = values, .targets = targets, .weights = {}}, {},
                                     options, unless_cancelled());
    return fit ? Result<Trees>(std::move(fit->trees)) : Result<Trees>(fit.error());
}

/// Takes rows up to `end` into the ridges' sums.
void LeadLearner::sum_up(std::size_t end) {
    if (!terms_) {
        terms_ = LinearTerms({columns_.begin(), columns_.end()},
                             std::span(rows_.values).first(end * rows_.columns));
        all_sums_.emplace(terms_->size());
        std::vector<std::size_t> counts(scales_.size());
        for (const LeadRows::Head& head : rows_.heads) {
            ++counts[static_cast<std::size_t>(head.series)];
        }
        const auto long_enough = [this](std::size_t rows) { return rows >= options_.own_rows_min; };
        const bool is_affordable = static_cast<std::size_t>(std::ranges::count_if(counts, long_enough)) <=
                                   options_.own_series_max;  // a megabyte of sums each
        for (std::size_t series = 0; is_affordable && series < counts.size(); ++series) {
            if (long_enough(counts[series])) {
                own_sums_[series].emplace(terms_->size());
            }
        }
    }
    std::vector<double> expanded(terms_->size());
    for (; summed_ < end; ++summed_) {
        terms_->expand(rows_.row(summed_), expanded);
        const double target = std::clamp(truth(summed_), -change_max, change_max);
        all_sums_->add(expanded, target);
        if (auto& own = own_sums_[static_cast<std::size_t>(rows_.heads[summed_].series)]) {
            own->add(expanded, target);
        }
    }
}

/// Models of the series that are long enough; their trees on as many threads as are allowed.
Result<void> LeadLearner::grow_own(LeadModel& model, std::size_t end, std::size_t rows_max) const {
    std::vector<std::vector<std::size_t>> rows(scales_.size());
    for (std::size_t i = 0; i < end; ++i) {
        rows[static_cast<std::size_t>(rows_.heads[i].series)].push_back(i);
    }
    std::vector<std::size_t> to_grow;
    for (std::size_t series = 0; series < rows.size(); ++series) {
        if (!own_sums_[series] || own_sums_[series]->rows() < options_.own_rows_min) {
            continue;
        }
        LeadModel::Own& own = model.own[series];
        own.is_there = true;
        own.loose = own_sums_[series]->solve(options_.loose_penalty);
        own.tight = own_sums_[series]->solve(options_.tight_penalty);
        if (rows[series].size() == end) {  // of one series, all trees are its own
            own.trees = model.all_trees;
        } else {
            to_grow.push_back(series);
        }
    }
    std::atomic<std::size_t> next{0};
    const auto work = [&]() -> Result<void> {
        for (std::size_t i = next++; i < to_grow.size(); i = next++) {
            Result<Trees> trees = grow(rows[to_grow[i]], rows_max);
            if (!trees) {
                return trees.error();
            }
            model.own[to_grow[i]].trees = std::move(*trees);
        }
        return {};
    };
    std::vector<std::future<Result<void>>> helping;
    for (std::size_t thread = 1; thread < std::min(options_.threads, to_grow.size()); ++thread) {
        helping.push_back(std::async(std::launch::async, work));
    }
    Result<void> done = work();
    for (std::future<Result<void>>& thread : helping) {
        const Result<void> grown = thread.get();
        done = done ? grown : done;
    }
    return done;
}

Result<LeadModel> LeadLearner::fit(std::int64_t now, std::size_t end, bool is_remembered,
                                   std::future<Result<Trees>> grown) {
    if (end == 0) {
        return Error{Errc::invalid, "there is no reading to learn from before slot " + std::to_string(now)};
    }
    sum_up(end);
    LeadModel model{.terms = *terms_,
                    .all_trees = {},
                    .all_ridge = all_sums_->solve(options_.all_penalty),
                    .own = std::vector<LeadModel::Own>(scales_.size()),
                    .blend = normalised(prior_all),
                    .width = std::nullopt};
    const std::size_t rows_max =
        is_remembered ? options_.rows_max : std::min(options_.rows_max, options_.look_back_rows_max);
    Result<Trees> trees = grown.valid() ? grown.get() : grow(all_until(end), rows_max);
    if (!trees) {
        return trees.error();
    }
    model.all_trees = std::move(*trees);
    if (const Result<void> own = grow_own(model, end, rows_max); !own) {
        return own.error();
    }
    if (is_remembered) {
        learn_blend(model, now, end);
    }
    return model;
}

Result<void> LeadLearner::look_back(std::size_t end, const Progress& progress) {
    std::vector<std::uint8_t> is_known(scales_.size());
    for (std::size_t i = 0; i < end; ++i) {
        is_known[static_cast<std::size_t>(rows_.heads[i].series)] |= has_members_[i];
    }
    std::vector<std::size_t> fresh;
    for (std::size_t i = 0; i < end; ++i) {
        if (is_known[static_cast<std::size_t>(rows_.heads[i].series)] == 0) {
            fresh.push_back(i);
        }
    }
    if (fresh.empty()) {
        return {};
    }
    const auto place = [&fresh](double share) {
        return static_cast<std::size_t>(share * static_cast<double>(fresh.size()));
    };
    for (std::size_t cut = 0; cut < look_back_cuts.size(); ++cut) {
        const std::size_t begin = place(look_back_cuts[cut]);
        const std::size_t stop =
            cut + 1 < look_back_cuts.size() ? place(look_back_cuts[cut + 1]) : fresh.size();
        if (begin >= stop) {
            continue;
        }
        std::int64_t now = std::numeric_limits<std::int64_t>::max();
        for (std::size_t i = begin; i < stop; ++i) {
            now = std::min(now, rows_.heads[fresh[i]].origin);
        }
        const std::size_t known = rows_until(now);
        if (known == 0) {
            continue;
        }
        if (progress) {
            progress("looking back, part " + std::to_string(cut + 1) + " of " +
                     std::to_string(look_back_cuts.size()));
        }
        const Result<LeadModel> model = fit(now, known, false, {});
        if (!model) {
            return model.error();
        }
        for (std::size_t i = begin; i < stop; ++i) {
            members_[fresh[i]] = model->members(rows_.row(fresh[i]), rows_.heads[fresh[i]].series);
            has_members_[fresh[i]] = 1;
        }
    }
    return {};
}

void LeadLearner::learn_blend(LeadModel& model, std::int64_t now, std::size_t end) const {
    // A series with models of its own is blended over all of them, any other over those of all series.
    ErrorProducts pooled(member_count);
    ErrorProducts pooled_own(member_count);
    std::vector<ErrorProducts> own(scales_.size(), ErrorProducts(member_count));
    for (std::size_t i = 0; i < end; ++i) {
        if (has_members_[i] == 0) {
            continue;
        }
        const auto series = static_cast<std::size_t>(rows_.heads[i].series);
        const double age_days = static_cast<double>((now - rows_.heads[i].target) * step_s_) / 86'400.0;
        const double weight = std::exp2(-age_days / options_.half_life_days);
        const double wanted = std::clamp(truth(i), -change_max, change_max);
        MemberValues errors{};
        for (std::size_t m = 0; m < member_count; ++m) {
            errors[m] = std::isnan(members_[i][m]) ? 0.0 : members_[i][m] - wanted;
        }
        const bool has_own = !std::isnan(members_[i][index(Member::own_trees)]);
        pooled.add(errors, weight);
        if (has_own) {
            pooled_own.add(errors, weight);
        }
        if (has_own == model.own[series].is_there) {
            own[series].add(errors, weight);
        }
    }
    model.blend = blend_weights(pooled, normalised(prior_all), pooled_prior_rows);
    const std::vector<double> blend_own = blend_weights(pooled_own, normalised(prior_own), pooled_prior_rows);
    for (std::size_t series = 0; series < own.size(); ++series) {
        model.own[series].blend =
            blend_weights(own[series], model.own[series].is_there ? blend_own : model.blend, own_prior_rows);
    }
}

void LeadLearner::width_row(std::size_t i, std::vector<float>& out) const {
    const std::span<const float> row = rows_.row(i);
    out.insert(out.end(), row.begin(), row.end());
    append_width_columns(members_[i], blended_[i], out);
}

Result<Trees> LeadLearner::grow_width(std::span<const std::size_t> rows) const {
    rows = rows.last(std::min(rows.size(), options_.width_rows_max));
    std::vector<float> values;
    std::vector<float> targets;
    for (const std::size_t i : rows) {
        width_row(i, values);
        targets.push_back(static_cast<float>(std::log(std::abs(truth(i) - blended_[i]) + width_floor)));
    }
    Result<GbdtFit> fit = grow_trees(rows_.columns + 2, {.rows = values, .targets = targets, .weights = {}},
                                     {}, options_.width_trees, unless_cancelled());
    return fit ? Result<Trees>(std::move(fit->trees)) : Result<Trees>(fit.error());
}

Result<void> LeadLearner::learn_width(LeadModel& model, std::size_t end) {
    std::vector<std::size_t> fresh;
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < end; ++i) {
        if (has_members_[i] == 0) {
            continue;
        }
        all.push_back(i);
        if (widths_[i] <= 0.0) {
            fresh.push_back(i);
            blended_[i] = model.blended(members_[i], rows_.heads[i].series);
        }
    }
    if (all.empty()) {
        return {};
    }
    // Each half of what was looked back on gets its widths from the other: a width is never from its own
    // error.
    const std::size_t half = fresh.size() / 2;
    const std::span<const std::size_t> halves[] = {std::span(fresh).first(half),
                                                   std::span(fresh).subspan(half)};
    for (const std::size_t which : {0U, 1U}) {
        if (halves[0].empty() || halves[1].empty()) {
            continue;
        }
        Result<Trees> width = grow_width(halves[1 - which]);
        if (!width) {
            return width.error();
        }
        model.width = std::move(*width);
        for (const std::size_t i : halves[which]) {
            widths_[i] = model.error_width(rows_.row(i), members_[i], blended_[i]);
        }
    }
    Result<Trees> width = grow_width(all);
    if (!width) {
        return width.error();
    }
    model.width = std::move(*width);
    return {};
}

Result<LeadModel> LeadLearner::learn(std::int64_t now, const Progress& progress) {
    const std::size_t end = rows_until(now);
    // The trees of all rows need nothing of what is looked back on.
    std::future<Result<Trees>> trees;
    if (options_.threads > 1 && end > 0) {
        trees =
            std::async(std::launch::async, [this, end] { return grow(all_until(end), options_.rows_max); });
    }
    if (const Result<void> looked = look_back(end, progress); !looked) {
        return looked.error();
    }
    if (progress) {
        progress("learning from " + std::to_string(end) + " rows");
    }
    Result<LeadModel> model = fit(now, end, true, std::move(trees));
    if (!model) {
        return model;
    }
    if (const Result<void> learnt = learn_width(*model, end); !learnt) {
        return learnt.error();
    }
    return model;
}

void LeadLearner::foretell(const LeadModel& model, std::size_t i) {
    const LeadRows::Head& head = rows_.heads[i];
    members_[i] = model.members(rows_.row(i), head.series);
    has_members_[i] = 1;
    blended_[i] = model.blended(members_[i], head.series);
    widths_[i] = model.error_width(rows_.row(i), members_[i], blended_[i]);
}

}  // namespace headroom::forecast
