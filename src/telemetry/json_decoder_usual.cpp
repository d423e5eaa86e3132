#include "telemetry/json_reader.hpp"

namespace headroom::telemetry {
namespace {

/// Blanks between two words that are passed over where the document lies.
constexpr std::size_t blanks_max = 16;

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

/// A document as the short cut reads it: where it lies, as far as an object of the layout at hand does not
/// reach behind its end; the rest, or all of it when there is no layout, from a copy with something behind.
class JsonDecoder::Reader::UsualText {
  public:
    UsualText(Reader& reader, std::string_view document)
        : reader_(reader),
          at_(document.data()),
          end_(document.data() + document.size()),
          is_in_place_(reader.document_layout_.is_known()),
          in_place_room_(static_cast<std::ptrdiff_t>(reader.document_layout_.reach() + blanks_max)) {
        if (!is_in_place_) {
            copy_rest();
        }
    }

    /// The next byte that is no blank is this one, which is passed over.
    bool take(char c) {
        skip_blank();
        if (*at_ != c) {
            return false;
        }
        ++at_;
        return true;
    }
    /// An object comes next, behind a comma: mostly at once.
    bool take_comma() {
        if (at_[0] == ',' && at_[1] == '{') [[likely]] {
            ++at_;
            return true;
        }
        return take(',');
    }
    bool read(UsualReading& out) {
        UsualLayout& layout = reader_.document_layout_;
        if (is_in_place_ && end_ - at_ > in_place_room_) [[likely]] {
            if (const char* const next = layout.read(at_, out)) [[likely]] {
                at_ = next;
                return true;
            }
        }
        skip_blank();
        const char* next = layout.is_known() ? layout.read(at_, out) : nullptr;
        if (next == nullptr && is_in_place_) {
            copy_rest();
            next = layout.is_known() ? layout.read(at_, out) : nullptr;
        }
        if (next == nullptr) {
            next = read_usual_object(at_, Blank::any, out);
            if (next == nullptr) {
                return false;
            }
            layout.learn(at_, Blank::any);
        }
        at_ = next;
        return true;
    }
    [[nodiscard]] bool is_at_end() {
        skip_blank();
        return at_ == end_;
    }

  private:
    /// Afterwards an object may be read.
    void skip_blank() {
        if (is_in_place_) {
            if (end_ - at_ > in_place_room_) {
                const char* const last = at_ + blanks_max;
                while (is_blank(*at_) && at_ != last) {
                    ++at_;
                }
                if (!is_blank(*at_)) {
                    return;
                }
            }
            copy_rest();
        }
        while (is_blank(*at_)) {
            ++at_;
        }
    }
    void copy_rest() {
        const std::string_view copy = reader_.padded({at_, static_cast<std::size_t>(end_ - at_)});
        at_ = copy.data();
        end_ = copy.data() + copy.size();
        is_in_place_ = false;
    }

    Reader& reader_;
    const char* at_;
    const char* end_;
    bool is_in_place_;
    std::ptrdiff_t in_place_room_;  // an object and blanks may take; layouts are learnt from the copy only
};

/// False, with everything as it was, when the text is not all usual.
bool JsonDecoder::Reader::decode_usual(std::string_view document, std::vector<Reading>& out) {
    const std::size_t out_before = out.size();
    const Mark report_before = mark();
    if (take_usual(document, out)) {
        usual_.drain(out);
        return true;
    }
    usual_.forget();
    out.resize(out_before);
    go_back_to(report_before);
    return false;
}

bool JsonDecoder::Reader::take_usual(std::string_view document, std::vector<Reading>& out) {
    UsualText text(*this, document);
    const bool is_array = text.take('[');
    for (std::uint64_t index = 0;; ++index) {
        if (!text.read(usual_.next())) {
            return false;
        }
        report_.received += 1;
        usual_.take({is_array ? ReadingPlace::Kind::entry : ReadingPlace::Kind::document, index}, out);
        if (is_array && text.take_comma()) {
            continue;
        }
        return (!is_array || text.take(']')) && text.is_at_end();
    }
}

}  // namespace headroom::telemetry
