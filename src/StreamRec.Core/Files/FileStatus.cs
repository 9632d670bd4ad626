using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace StreamRec.Files;

/// <summary>What the system knows of a file behind all its names and links.</summary>
/// <param name="IsRegular">Neither a pipe nor a device, socket or directory.</param>
/// <param name="Device">With <paramref name="Inode"/> the file's identity.</param>
public readonly partial record struct FileStatus(bool IsRegular, ulong Device, ulong Inode)
{
    // struct statx, which is laid out alike on all of Linux' processors.
    private const int Size = 256,
        ModeAt = 28,
        InodeAt = 32,
        DeviceAt = 136;
    private const uint TypeAndInode = 0x101;
    private const int CurrentDirectory = -100;
    private const int TypeMask = 0xF000,
        RegularType = 0x8000;

    /// <summary>Null where nothing is there, or where the system is not Linux.</summary>
    public static FileStatus? Of(string path)
    {
        Span<byte> answer = stackalloc byte[Size];
        try
        {
            if (!OperatingSystem.IsLinux() || Statx(CurrentDirectory, path, 0, TypeAndInode, answer) != 0)
            {
                return null;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
        return new(
            (BinaryPrimitives.ReadUInt16LittleEndian(answer[ModeAt..]) & TypeMask) == RegularType,
            BinaryPrimitives.ReadUInt64LittleEndian(answer[DeviceAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(answer[InodeAt..])
        );
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint wanted, Span<byte> answer);
}
