#include "agents/market_evidence.hpp"

#include "agents/each_record.hpp"
#include "beckn/capture.hpp"
#include "core/digest.hpp"
#include "core/json.hpp"
#include "store/ahead_file.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

namespace headroom::agents {

namespace {

/// Bytes that are no UTF-8 are kept in Base64.
Result<std::string> bytes_of(const json::Value& evidence, const std::string& name) {
    const json::Value* encoded = evidence.get(name + "_base64");
    if (encoded != nullptr && encoded->as_string() != nullptr) {
        return from_base64(*encoded->as_string());
    }
    return evidence.text("/" + name);
}

/// Messages that stand in the file ahead of the store; newer than the store's own.
std::map<std::string, store::Record> read_ahead(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    const std::string bytes = text.str();
    std::string_view left = bytes;
    std::map<std::string, store::Record> records;
    std::uint64_t last = 0;
    while (std::optional<store::FramedBatch> framed = store::take_framed(left, last)) {
        last = framed->number;
        for (store::Record& record : framed->batch.puts) {
            if (record.kind == evidence_kind) {
                records.insert_or_assign(record.id, std::move(record));
            }
        }
    }
    return records;
}

/// Walks through all messages, one page of the store at a time.
class Walk {
  public:
    Walk(store::Records& records, std::map<std::string, store::Record> ahead, const EvidenceQuery& query)
        : records_(records), ahead_(std::move(ahead)), query_(query) {}

    /// Where each message that is asked for stands: the texts would be too much to hold at once.
    Result<std::set<EvidencePlace>> places() {
        std::set<EvidencePlace> found;
        std::string after;
        while (true) {
            const Result<std::vector<store::Record>> some = records_.list(evidence_kind, after, records_page);
            if (!some) {
                return some.error();
            }
            for (const store::Record& record : *some) {
                after = record.id;
                if (!ahead_.contains(record.id)) {
                    if (Result<void> taken = take(record, found); !taken) {
                        return taken.error();
                    }
                }
            }
            if (some->size() < records_page) {
                break;
            }
        }
        for (const auto& [id, record] : ahead_) {
            if (Result<void> taken = take(record, found); !taken) {
                return taken.error();
            }
        }
        return found;
    }

    Result<EvidenceLine> line(const std::string& id) {
        if (const auto newer = ahead_.find(id); newer != ahead_.end()) {
            return evidence_line(newer->second);
        }
        const Result<store::Record> record = records_.get(evidence_kind, id);
        return record ? evidence_line(*record) : Result<EvidenceLine>(record.error());
    }

  private:
    Result<void> take(const store::Record& record, std::set<EvidencePlace>& found) const {
        if (!query_.event.empty() && record.corr != query_.event) {
            return {};
        }
        Result<EvidenceLine> line = evidence_line(record);
        if (!line) {
            return line.error();
        }
        if (!line->is_refused || query_.with_refused) {
            found.insert(std::move(line->place));
        }
        return {};
    }

    store::Records& records_;
    std::map<std::string, store::Record> ahead_;
    const EvidenceQuery& query_;
};

}  // namespace

Result<EvidenceLine> evidence_line(const store::Record& record) {
    const Result<json::Value> evidence = json::parse(record.json);
    if (!evidence) {
        return Error{Errc::corrupt, "message " + record.id + ": " + evidence.error().message, ""};
    }
    const Result<std::string> raw = bytes_of(*evidence, "raw");
    const Result<std::string> answer = bytes_of(*evidence, "answer");
    const Result<UtcTime> at = parse_utc(evidence->text("/at"));
    if (!raw || !answer || !at) {
        return Error{Errc::corrupt, "message " + record.id + " cannot be read", ""};
    }
    EvidenceLine line;
    line.place = {*at, evidence->text("/direction") == "in", record.id};
    beckn::CapturedMessage message{.action = evidence->text("/action"),
                                   .raw = *raw,
                                   .authorization = evidence->text("/authorization"),
                                   .received_at = *at,
                                   .public_key = {},
                                   .direction = evidence->text("/direction"),
                                   .peer = evidence->text("/peer"),
                                   .verdict = evidence->text("/verdict"),
                                   .request_signature = evidence->text("/request_signature"),
                                   .answer = *answer,
                                   .answer_status = static_cast<int>(evidence->integer("/answer_status")),
                                   .answer_signature = evidence->text("/answer_signature")};
    line.is_refused = message.verdict.starts_with("refused");
    const Result<std::string> key = from_base64(evidence->text("/public_key"));
    if (key && key->size() == message.public_key.size()) {
        std::copy(key->begin(), key->end(), message.public_key.begin());
    }
    line.line = beckn::capture_line(message);
    return line;
}

Result<std::size_t> export_evidence(const std::filesystem::path& data_dir, const EvidenceQuery& query,
                                    std::ostream& out) {
    const std::filesystem::path file = data_dir / "records.db";
    std::error_code fault;
    if (!std::filesystem::exists(file, fault)) {
        return Error{Errc::not_found, "there is no data directory at " + data_dir.string(), ""};
    }
    const Result<std::unique_ptr<store::Records>> records = store::open_sqlite_records(file);
    if (!records) {
        return records.error();
    }
    // First what is ahead, then the store: what moves from one to the other meanwhile is in both.
    Walk walk(**records, read_ahead(data_dir / "records.ahead"), query);
    const Result<std::set<EvidencePlace>> places = walk.places();
    if (!places) {
        return places.error();
    }
    for (const EvidencePlace& place : *places) {
        const Result<EvidenceLine> line = walk.line(place.id);
        if (!line) {
            return line.error();
        }
        out << line->line << '\n';
    }
    if (!out) {
        return Error{Errc::unavailable, "the evidence could not be written out", ""};
    }
    return places->size();
}

}  // namespace headroom::agents
