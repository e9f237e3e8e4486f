using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SketchFlow.Pipeline.Serving;

/// <summary>A part of the web server with its own addresses: the model, or the pages of the experiments.</summary>
internal interface IServerPart
{
    /// <summary>Registers the services that the part needs.</summary>
    void AddServices(IServiceCollection services);

    /// <summary>Adds the part's middleware and endpoints; routing is in place.</summary>
    void Map(WebApplication app);

    /// <summary>Receives each request that was answered, with the time that it took.</summary>
    void Answered(HttpContext context, TimeSpan time)
    {
    }
}
