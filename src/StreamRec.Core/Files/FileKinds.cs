using System.Buffers;
using System.Text;

namespace StreamRec.Files;

/// <summary>Files that are no text, told by their first bytes.</summary>
internal static class FileKinds
{
    private const string Unpack = "unpack it first, or give `-` as the file and pipe it in: ";

    private static readonly (byte[] Magic, int At, string What)[] s_kinds =
    [
        ([0x28, 0xB5, 0x2F, 0xFD], 0, $"compressed with zstd: {Unpack}zstd -dc FILE |"),
        ([0xFD, .. "7zXZ"u8, 0], 0, $"compressed with xz: {Unpack}xz -dc FILE |"),
        ([.. "1AY&"u8], 4, $"compressed with bzip2: {Unpack}bzip2 -dc FILE |"),
        ([0x04, 0x22, 0x4D, 0x18], 0, $"compressed with lz4: {Unpack}lz4 -dc FILE |"),
        ([0x1F, 0x9D], 0, $"compressed with compress: {Unpack}zcat FILE |"),
        ([.. "7z"u8, 0xBC, 0xAF, 0x27, 0x1C], 0, "a 7z archive: unpack it first"),
        ([.. "Rar!"u8], 0, "a rar archive: unpack it first"),
        (
            [.. "ustar"u8],
            257,
            "a tar archive: unpack it first, or pipe one of its files in: tar -xOf FILE NAME | … "
                + "with `-` as the file"
        ),
        (
            [.. "PAR1"u8],
            0,
            "Parquet: write it as CSV, for example with Python: pandas.read_parquet(FILE).to_csv(…, " + "index=False)"
        ),
        ([.. "ARROW1"u8], 0, "an Arrow (Feather) file: write it as CSV first"),
        ([.. "ORC"u8], 0, "an ORC file: write it as CSV first"),
        ([.. "Obj"u8, 1], 0, "an Avro file: write it as CSV first"),
        (
            [.. "SQLite format 3"u8],
            0,
            "an SQLite database: write the table as CSV, for example with sqlite3 -header " + "-csv FILE 'select …'"
        ),
        ([0x89, .. "HDF"u8], 0, "an HDF5 file: write its table as CSV first"),
        ([0xD0, 0xCF, 0x11, 0xE0], 0, "an Excel workbook (.xls): save its sheet as CSV (UTF-8)"),
        ([.. "%PDF"u8], 0, "a PDF document"),
        ([0x80, 0x02], 0, "a Python pickle: write it as CSV first"),
        ([0x80, 0x03], 0, "a Python pickle: write it as " + "CSV first"),
        ([0x80, 0x04], 0, "a Python pickle: write it as CSV first"),
        ([0x80, 0x05], 0, "a Python pickle: write it as " + "CSV first"),
        ([0x93, .. "NUMPY"u8], 0, "a NumPy array: write it as CSV first"),
        ([0x1F, 0x8B], 0, "gzip within gzip: unpack it first"),
    ];

    /// <param name="head">The file's first bytes.</param>
    /// <returns>What it is and what to do, to follow "is"; null for what may be text.</returns>
    public static string? Refused(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("PK\u0003\u0004"u8))
        {
            return head.IndexOf("[Content_Types].xml"u8) >= 0 || head.IndexOf("xl/"u8) >= 0
                ? "an Excel workbook (.xlsx): save its sheet as CSV (UTF-8)"
                : "a zip archive: unpack it first, or give `-` as the file and pipe it in: unzip -p FILE |";
        }
        foreach (var (magic, at, what) in s_kinds)
        {
            // Ids and names of columns may begin as some kinds do: ORCID.
            if (head.Length > at && head[at..].StartsWith(magic) && (at > 0 || !IsText(head) || magic[0] == (byte)'%'))
            {
                return what;
            }
        }
        return head.IndexOf((byte)0) < 0 ? null
            : head.Length >= 4 && head[1] == 0 && head[3] == 0 && head[0] != 0
                ? "UTF-16 without a byte order mark: " + "convert it with iconv -f UTF-16LE -t UTF-8"
            : head.Length >= 4 && head[0] == 0 && head[2] == 0 && head[1] != 0
                ? "UTF-16 without a byte order mark: " + "convert it with iconv -f UTF-16BE -t UTF-8"
            : "no text: there are NUL bytes at its beginning";
    }

    private static bool IsText(ReadOnlySpan<byte> head)
    {
        while (!head.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(head, out var rune, out var length);
            if (
                status == OperationStatus.InvalidData
                || (Rune.IsControl(rune) && rune.Value is not ('\t' or '\r' or '\n'))
            )
            {
                return false;
            }
            head = head[length..];
        }
        return true;
    }
}
