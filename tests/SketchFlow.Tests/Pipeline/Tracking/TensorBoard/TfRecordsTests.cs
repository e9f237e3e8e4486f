using System.Text;
using FsCheck.Xunit;
using SketchFlow.Pipeline.Tracking.TensorBoard;

namespace SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

public class TfRecordsTests
{
    [Fact]
    public void The_checksum_has_the_check_value_of_CRC_32C()
    {
        Assert.Equal(0xE3069283u, EventFile.Crc(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(EventFile.Masked(Encoding.ASCII.GetBytes("123456789")), TfRecords.MaskedCrc(Encoding.ASCII.GetBytes("123456789")));
    }

    [Property]
    public bool The_checksum_of_any_bytes_equals_that_of_long_division(byte[] data) => EventFile.Masked(data) == TfRecords.MaskedCrc(data);
}
