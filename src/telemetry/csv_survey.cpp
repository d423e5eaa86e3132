#include "telemetry/csv_survey.hpp"

#include "telemetry/csv_sign.hpp"
#include "telemetry/file_reader.hpp"

#include <map>
#include <string>
#include <utility>

namespace headroom::telemetry {
namespace {

bool is_scada(CsvFormat format) {
    return format == CsvFormat::nged_flows || format == CsvFormat::nged_long;
}

/// What a site of a SCADA file publishes.
struct SiteSurvey {
    SignSurvey sign;
    bool has_active = false;
    bool has_apparent = false;
};

void take(const PointRegistry& registry, const Reading& reading, std::map<std::string, SiteSurvey>& sites) {
    const PointKey& key = registry.key(reading.point);
    SiteSurvey& site = sites[key.point_id];
    switch (key.quantity) {
        case grid::Quantity::p_kw:
            site.has_active = true;
            site.sign.take_power(reading.interval_end, reading.value);
            break;
        case grid::Quantity::s_kva:
            site.has_apparent = true;
            site.sign.take_flow(reading.interval_end, reading.value);
            break;
        default:
            break;
    }
}

void rule(const std::string& id, const SiteSurvey& site, CsvSurvey& survey) {
    if (site.has_apparent && !site.has_active) {
        survey.options.apparent_only.insert(id);
        survey.findings.push_back({id, "quantity",
                                   "only apparent power is published: taken for active power as if the power "
                                   "factor were 1, which is "
                                   "the most it can be, always as import, and marked as estimated"});
        return;
    }
    const SignRuling ruling = site.sign.decide();
    if (ruling.is_turned) {
        survey.options.turned.insert(id);
    }
    if (!ruling.detail.empty()) {
        survey.findings.push_back({id, "sign", ruling.detail});
    }
}

}  // namespace

Result<void> read_csv_file(const std::filesystem::path& file, CsvDecoder& decoder,
                           const std::function<Result<Going>(const std::vector<Reading>&)>& take_all) {
    Result<FileReader> reader = FileReader::open(file);
    if (!reader) {
        return reader.error();
    }
    std::vector<char> chunk(file_chunk_bytes);
    std::vector<Reading> readings;
    std::size_t count = 0;
    do {
        const Result<std::size_t> read = reader->read(chunk);
        if (!read) {
            return read.error();
        }
        count = *read;
        readings.clear();
        Result<void> decoded =
            count > 0 ? decoder.feed({chunk.data(), count}, readings) : decoder.finish(readings);
        if (!decoded) {
            return decoded;
        }
        const Result<Going> going = take_all(readings);
        if (!going) {
            return going.error();
        }
        if (*going == Going::stop) {
            return {};
        }
    } while (count > 0);
    return {};
}

Result<CsvSurvey> survey_csv(const std::filesystem::path& file) {
    CsvSurvey survey;
    survey.options.file_name = file.filename().string();
    PointRegistry registry;
    CsvDecoder decoder(registry, survey.options);
    std::map<std::string, SiteSurvey> sites;

    const Result<void> read = read_csv_file(file, decoder, [&](const std::vector<Reading>& readings) {
        if (decoder.format() && !is_scada(*decoder.format())) {
            return Result<Going>(Going::stop);
        }
        for (const Reading& reading : readings) {
            take(registry, reading, sites);
        }
        return Result<Going>(Going::on);
    });
    if (!read) {
        return read.error();
    }
    HEADROOM_ASSERT(decoder.format().has_value());
    survey.format = *decoder.format();
    for (const auto& [id, site] : sites) {
        rule(id, site, survey);
    }
    return survey;
}

}  // namespace headroom::telemetry
