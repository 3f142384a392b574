#include "storage/dump/decode.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "storage/dump/intset.h"
#include "storage/dump/listpack.h"
#include "storage/dump/payload.h"
#include "storage/dump/stream_payload.h"
#include "storage/dump/ziplist.h"
#include "storage/dump/zipmap.h"

namespace holdfast::storage::dump {
namespace {

using Words = std::vector<std::string_view>;
using Read = void (*)(ByteReader& reader, Texts& texts, Value& value);
// One of the compact forms, unpacked.
using Unpack = bool (*)(std::string_view packed, Texts& texts, Words& words);

// What the length of a score's digits says instead.
constexpr uint8_t kNotANumber = 0xFD;
constexpr uint8_t kInfinite = 0xFE;
constexpr uint8_t kMinusInfinite = 0xFF;

// Reads a count, and for each element so many strings.
template <int kStrings>
void ReadStrings(ByteReader& reader, Texts& texts, Value& value) {
  const uint64_t count = ReadLength(reader);
  for (uint64_t i = 0; i < count && reader.ok() && !texts.full(); ++i) {
    for (int j = 0; j < kStrings; ++j) value.words.push_back(texts.Element(ReadString(reader, texts)));
  }
}

void ReadOneString(ByteReader& reader, Texts& texts, Value& value) {
  value.words.push_back(texts.Element(ReadString(reader, texts)));
}

void AddMember(std::string_view member, double score, ByteReader& reader, Value& value) {
  if (std::isnan(score)) reader.Fail();
  value.members.push_back({member, score});
}

double ScoreOf(std::string_view digits, ByteReader& reader) {
  double score = 0;
  const char* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, score);
  if (parsed.ec != std::errc() || parsed.ptr != end) reader.Fail();
  return score;
}

double ReadScoreDigits(ByteReader& reader) {
  const uint8_t bytes = reader.Byte();
  switch (bytes) {
    case kNotANumber:
      return std::numeric_limits<double>::quiet_NaN();
    case kInfinite:
      return std::numeric_limits<double>::infinity();
    case kMinusInfinite:
      return -std::numeric_limits<double>::infinity();
    default:
      return ScoreOf(reader.Bytes(bytes), reader);
  }
}

double ReadScoreBits(ByteReader& reader) {
  return std::bit_cast<double>(reader.LittleEndian(sizeof(double)));
}

template <double (*kReadScore)(ByteReader&)>
void ReadScored(ByteReader& reader, Texts& texts, Value& value) {
  const uint64_t count = ReadLength(reader);
  for (uint64_t i = 0; i < count && reader.ok() && !texts.full(); ++i) {
    const std::string_view member = texts.Element(ReadString(reader, texts));
    AddMember(member, kReadScore(reader), reader, value);
  }
}

template <Unpack kUnpack>
void ReadPacked(ByteReader& reader, Texts& texts, Value& value) {
  const std::string_view packed = ReadString(reader, texts);
  if (reader.ok() && !texts.full() && !kUnpack(packed, texts, value.words)) reader.Fail();
}

template <Unpack kUnpack>
void ReadPackedPairs(ByteReader& reader, Texts& texts, Value& value) {
  ReadPacked<kUnpack>(reader, texts, value);
  if (value.words.size() % 2 != 0) reader.Fail();
}

template <Unpack kUnpack>
void ReadPackedScores(ByteReader& reader, Texts& texts, Value& value) {
  ReadPackedPairs<kUnpack>(reader, texts, value);
  if (texts.full()) return;
  const Words words = std::move(value.words);
  for (size_t i = 0; i < words.size() && reader.ok(); i += 2) {
    AddMember(words[i], ScoreOf(words[i + 1], reader), reader, value);
  }
}

void ReadNode(ByteReader& reader, Texts& texts, Value& value) {
  const uint64_t mark = ReadLength(reader);
  if (mark == kNodeOfListpack) return ReadPacked<&ReadListpack>(reader, texts, value);
  ReadOneString(reader, texts, value);
  if (mark != kNodeOfElement || value.words.back().empty()) reader.Fail();
}

// A node may hold nothing.
template <Read kReadNode>
void ReadNodes(ByteReader& reader, Texts& texts, Value& value) {
  const uint64_t nodes = ReadLength(reader);
  for (uint64_t i = 0; i < nodes && reader.ok() && !texts.full(); ++i) kReadNode(reader, texts, value);
}

template <StreamForm kForm>
void ReadWholeStream(ByteReader& reader, Texts& texts, Value& value) {
  ReadStream(kForm, reader, texts, value.stream);
}

struct Reading {
  Form form;
  ValueType type;
  Read read;
};

constexpr Reading kReadings[] = {
    {Form::kString, ValueType::kString, &ReadOneString},
    {Form::kList, ValueType::kList, &ReadStrings<1>},
    {Form::kSet, ValueType::kSet, &ReadStrings<1>},
    {Form::kSortedSetDigits, ValueType::kSortedSet, &ReadScored<&ReadScoreDigits>},
    {Form::kHash, ValueType::kHash, &ReadStrings<2>},
    {Form::kSortedSet, ValueType::kSortedSet, &ReadScored<&ReadScoreBits>},
    {Form::kHashZipmap, ValueType::kHash, &ReadPacked<&ReadZipmap>},
    {Form::kListZiplist, ValueType::kList, &ReadPacked<&ReadZiplist>},
    {Form::kSetIntset, ValueType::kSet, &ReadPacked<&ReadIntset>},
    {Form::kSortedSetZiplist, ValueType::kSortedSet, &ReadPackedScores<&ReadZiplist>},
    {Form::kHashZiplist, ValueType::kHash, &ReadPackedPairs<&ReadZiplist>},
    {Form::kListOfZiplists, ValueType::kList, &ReadNodes<&ReadPacked<&ReadZiplist>>},
    {Form::kStream, ValueType::kStream, &ReadWholeStream<StreamForm::kFirst>},
    {Form::kHashListpack, ValueType::kHash, &ReadPackedPairs<&ReadListpack>},
    {Form::kSortedSetListpack, ValueType::kSortedSet, &ReadPackedScores<&ReadListpack>},
    {Form::kListOfNodes, ValueType::kList, &ReadNodes<&ReadNode>},
    {Form::kStream70, ValueType::kStream, &ReadWholeStream<StreamForm::k70>},
    {Form::kSetListpack, ValueType::kSet, &ReadPacked<&ReadListpack>},
    {Form::kStream72, ValueType::kStream, &ReadWholeStream<StreamForm::k72>},
};

void ReadBody(ByteReader& reader, Texts& texts, Value& value) {
  const auto form = static_cast<Form>(reader.Byte());
  for (const Reading& reading : kReadings) {
    if (reading.form != form) continue;
    value.type = reading.type;
    return reading.read(reader, texts, value);
  }
  reader.Fail();
}

}  // namespace

Decoded Decode(std::string_view body, Texts& texts, Value& value) {
  ByteReader reader(body);
  ReadBody(reader, texts, value);
  if (texts.full()) return Decoded::kTooMuch;
  const bool empty = value.words.empty() && value.members.empty() && value.type != ValueType::kStream;
  return reader.ok() && reader.done() && !empty ? Decoded::kValue : Decoded::kNonsense;
}

}  // namespace holdfast::storage::dump
