using StreamRec.Catalogue;
using StreamRec.Catalogue.ByModel;
using StreamRec.Lists;
using StreamRec.Serving.Users;

namespace StreamRec.Serving.Views;

/// <summary>A model beside one state of the catalogue: immutable. A batch takes one at its start.</summary>
/// <param name="Eligible">Items that may be listed.</param>
/// <param name="Items">Items as sequences know them.</param>
/// <param name="Texts">Their ids.</param>
/// <param name="Added">Those that the model was not trained on; null: none are known.</param>
internal sealed record ModelView(ModelEligible Eligible, ModelItems Items, ItemTexts Texts, NewItems? Added);
