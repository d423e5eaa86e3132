#include "core/digest.hpp"
#include "knowledge/library.hpp"
#include "knowledge/pdf_text.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace headroom::knowledge {
namespace {

constexpr std::uint64_t file_bytes_max = 256UL << 20U;

Result<std::string> bytes_of(const std::filesystem::path& file) {
    std::error_code fault;
    if (!std::filesystem::is_regular_file(file, fault)) {
        return Error{Errc::not_found, "there is no file " + file.string()};
    }
    const std::uintmax_t size = std::filesystem::file_size(file, fault);
    if (fault || size > file_bytes_max) {
        return Error{Errc::invalid, "the file " + file.string() + " has more than " +
                                        std::to_string(file_bytes_max) + " bytes"};
    }
    std::ifstream stream(file, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    if (!stream && bytes.size() != size) {
        return Error{Errc::denied, "the file " + file.string() + " cannot be read"};
    }
    return bytes;
}

Result<DocumentText> text_of(Format format, const std::filesystem::path& file, std::string_view bytes) {
    switch (format) {
        case Format::plain:
            return read_plain(bytes);
        case Format::markdown:
            return read_markdown(bytes);
        case Format::html:
            return read_html(bytes);
        case Format::pdf: {
            const Result<std::string> pages = pdf_to_text(file);
            return pages ? read_pages(*pages) : pages.error();
        }
    }
    HEADROOM_ASSERT(false);
    return Error{};
}

/// The file's name with everything that a document's name does not hold as '-'.
std::string name_of(const std::filesystem::path& file) {
    std::string name = file.stem().string().substr(0, 64);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return is_document_name(std::string(1, c)) || c == '.' ? c : '-'; });
    return is_document_name(name) ? name : "document-" + name;
}

}  // namespace

Result<std::pair<Document, DocumentText>> read_document(const std::filesystem::path& file) {
    const std::optional<Format> format = format_of(file.filename().string());
    if (!format) {
        return Error{Errc::invalid, "the file " + file.filename().string() +
                                        " is of no known kind: .pdf, .html, .htm, .md, .markdown, .txt"};
    }
    const Result<std::string> bytes = bytes_of(file);
    if (!bytes) {
        return bytes.error();
    }
    Result<DocumentText> text = text_of(*format, file, *bytes);
    if (!text) {
        return Error{text.error().code, file.filename().string() + ": " + text.error().message};
    }
    Document about{.name = name_of(file),
                   .title = text->title.empty() ? file.stem().string() : text->title,
                   .format = *format,
                   .sha256 = sha256_hex(*bytes),
                   .bytes = static_cast<std::int64_t>(bytes->size()),
                   .pages = text->pages,
                   .passages = static_cast<std::int64_t>(text->passages.size()),
                   .added = {}};
    return std::pair{std::move(about), std::move(*text)};
}

}  // namespace headroom::knowledge
