"""The words by which a text shows what a number is: a default, a recommendation, a range, or nothing of the kind."""

from __future__ import annotations

import re

_I = re.IGNORECASE

#: Directly before a value: it is the default.
DEFAULT_BEFORE = re.compile(
    r"(?:\bdefaults?(?:ing)?(?:\s+values?)?(?:\s+(?:for|of)\s+[\w\s`'.():~-]{1,80}?)?\s*(?:to be|to"
    r"|is set to|is set at|is|are|was|of|=|:|being|value)?\s*(?:set to|equal to|currently)?"
    r"|\bby default,?[\w\s`'.()-]{0,60}?\b(?:is|are|to|of|at|with|uses?|equals?|as|perform(?:s)?"
    r"|do(?:es)?)|\bby default:?)\s*[\"'(=:]*\s*$",
    _I,
)
#: Directly after a value: it is the default.
DEFAULT_AFTER = re.compile(
    r"^[\"')\]]*\s*(?:,|-|–|;)?\s*(?:\(?(?:by default|the default(?!\s+(?:is|value|for|of|to)\b)"
    r"|is the default|which is the default|\(?default\b|as (?:the |a )?default))",
    _I,
)
#: Anywhere in a sentence: somebody recommends.
RECOMMEND = re.compile(
    r"\b(?:recommend\w*|suggest(?:s|ed|ion|ions|ing)?\b|advis\w+|typical(?:ly)?|usual(?:ly)?"
    r"|common(?:ly)?|rules?[- ]of[- ]thumb|heuristic|good (?:\w+ )?(?:default|start\w*|choice|value"
    r"|initial|results|performance|range|idea|guess)"
    r"|reasonabl[ey]|works? (?:\w+ )?(?:well|fine|best|better)|best (?:choice|value|results"
    r"|performance|practice)|often (?:the )?best|start(?:ing)? (?:with|from|at|point|value)"
    r"|initial (?:value|guess)"
    r"|should (?:be|use|set|have|suffice)|sensible|empirically|hard[- ]?coded|preferr?\w*|optimal"
    r"|ideal(?:ly)?|sweet spot|safe (?:choice|value|default)|in practice|enough|sufficient|suffices"
    r"|better generalization|most (?:\w+ )?cases"
    r"|you (?:can|could|may|might|should) (?:set|use|try|start|choose)|it is (?:best|better|advisable)|usually fine)\b",
    _I,
)
#: Anywhere in a sentence: the advice is plain, whatever else it speaks of.
ADVISED = re.compile(
    r"\b(?:recommend\w*|rules?[- ]of[- ]thumb|suggest(?:s|ed|ion)?|advis\w+|typical(?:ly)?"
    r"|works? well|default)\b",
    _I,
)
#: Anywhere in a sentence: somebody sets it so.
SETTING = re.compile(
    r"\b(?:we (?:\w+ )?(?:set|use|used|fix|fixed|train|trained|chose|choose|select|selected|run|ran"
    r"|adopt|adopted|employ|employed|fine-?tune[d]?|limit|limited|evaluate[d]?|pick|picked|sample"
    r"|sampled|consider|considered|take|keep|start|allocate[d]?|tune[d]?|increase[d]?|decrease[d]?"
    r"|reduce[d]?|lower(?:ed)?|raise[d]?)"
    r"|(?:is|are|was|were|be|been) (?:\w+ )?(?:set|fixed|chosen|selected|defined|trained|optimi[sz]ed"
    r"|run|tuned|initiali[sz]ed|limited|sampled|allocated|restricted|given|kept)|(?:set|setting|use"
    r"|using|uses|try|choose|pick|specify|with|train(?:ed)?|fix)\b)",
    _I,
)
#: Anywhere in a sentence: a range is searched, or holds.
SEARCH = re.compile(
    r"\b(?:search(?:ed|ing)?|sweep|swept|grid|explor\w+|rang(?:e|es|ing)|between|vary|varied|varying"
    r"|sampl\w+ from|drawn from|candidates?|try|tried|tun(?:e|ed|ing)|values (?:of|in|from|between)"
    r"|possible values|must be|should be|has to be|bound\w*|limited to|interval|consider\w*"
    r"|log-?uniform\w*|uniform\w*|selected from|chosen from|allowed|valid|legal|accepts?|supported"
    r"|constrain\w*|in the|\\in|∈|needs?|need only|lie|lies|fall|falls|shouldn t be|shouldn't be"
    r"|larger? than|smaller than|greater than|less than)\b|∈",
    _I,
)
#: Anywhere in a sentence: it reports what came out, tells a story, or counts things.
REPORT = re.compile(
    r"\b(?:achiev\w+|outperform\w*|obtain(?:s|ed)\b|accuracy of|error(?: rate)? of|improv(?:es|ed"
    r"|ement) (?:\w+ )?(?:by|of|from)|reach(?:es|ed)?|score of|result(?:s|ed|ing) in|observed"
    r"|we (?:see|observe[d]?|found|find|notice[d]?)|figure \d+\w?|fig\.? ?\d+\w?|as shown|yields?"
    r"|yielded|reports?|reported"
    r"|took|takes? (?:about |around |roughly )?\d|was automatically|speed-?ups?|times faster"
    r"|faster than|out of (?:the )?\d|on average|standard (?:error|deviation)s? over|repetitions"
    r"|notice how|consumes?|requires? (?:about |around |roughly )?\d+(?:\.\d+)? ?(?:GB|MB|seconds"
    r"|minutes|hours)|peak memory|memory used|training time|used \d+(?:\.\d+)? ?GB|parameters in total"
    r"|toy example|as seen in|in terms of|falls? behind|footprint|[CG]PU[- ]days|in total, \d|MSE\b"
    r"|this particular|box ?plots?"
    r"|scatter plots?|learning curves|p-?value|significan(?:t|ce) level|confidence level)\b",
    _I,
)
#: Anywhere in a sentence: what follows is an instance, not advice.
INSTANCE = re.compile(
    r"\b(?:for example|for instance|suppose|imagine|let us say|assum(?:e|ing)|originally"
    r"|let's say|consider (?:a|an|the case)|as an example|in this example|in theory|here,|would be"
    r"|example)\b|\be\.g\.",
    _I,
)
#: Directly before a number: it numbers or dates something.
NUMBERING = re.compile(
    r"(?:\b(?:fig(?:ure|s)?|tables?|tab|sec(?:tion)?s?|eqs?|equations?|chapter|appendix|algorithms?"
    r"|alg|theorem|lemma|steps?|versions?|v|python|lines?|pages?|pp?|example|phase|rounds?|nos?|type"
    r"|class|part|stage|python|cuda|java|scipy|numpy|scikit-learn|release|since|before|after version"
    r"|in|©|issue|pr|arxiv|doi|port|license|apache|cc by|chapter)\b\.?\s*~?\(?\s*|#|[A-Za-z]\.)$",
    _I,
)
#: Directly after a number: it counts data, machines or outcomes.
COUNTED = re.compile(
    r"^[-\s]*(?:\w+[- ])?(?:data ?sets?|data points|observations|examples|images|rows|columns|features"
    r"|classes|instances|tasks|papers|users|gpus?|cpus?|cores|machines|nodes|servers|tpus?|benchmarks"
    r"|problems|seeds|repetitions|repeats|replications|datasets|questions|sentences|documents"
    r"|parameters|hyper-?parameters|dimensions|gb|gib|mb|tb|ram|dimensional|x\b|times\b|-?fold\b"
    r"|percentage points|bits?|bytes|years?|st\b|nd\b|rd\b|th\b)",
    _I,
)
#: What a number directly before it counts, where that is a budget: the singular is no budget (``one iteration``).
UNITS = re.compile(
    r"^\s*[-+]?\s*(?:(?!for|and|with|per|of|in|to|or)[a-zA-Z-]+\s){0,2}?(?P<unit>(?:function "
    r"|full[- ]fidelity |objective |black-?box |model )?evaluations|iterations|trials|configurations"
    r"|epochs|steps|rounds|generations|seconds|secs|minutes|mins|hours|hrs|days|samples|points|trees"
    r"|(?:gpu|cpu)[- ]hours|training steps)\b",
    _I,
)
TIME = re.compile(r"^\s*-?\s*(?P<unit>seconds|secs?|minutes|mins?|hours?|hrs?|h|s|days?)\b", _I)
#: Anywhere in a sentence: it speaks of what may be spent.
BUDGET = re.compile(
    r"\b(?:budgets?|run(?:s|ning)? (?:for|each|every|with)|ran|were run|was run|total of|in total"
    r"|time limits?|limit(?:ed)? (?:of|to)|maximum of|max(?:imum)? (?:number|time|runtime)|within"
    r"|for at (?:least|most)|number of (?:evaluations|trials|iterations)|give(?:n|s)? |allow\w*|up to"
    r"|stop after|at least|train(?:ed)? for|wall[- ]?clock|gets?|we (?:run|ran|use[d]?|perform(?:ed)?"
    r"|execute[d]?)|per (?:run|task|dataset|fold|seed|trial|model)|evaluations|abbreviated run"
    r"|recommend\w*|allocat\w+)\b",
    _I,
)
#: Anywhere in a sentence: it speaks of when to stop.
STOPPING = re.compile(
    r"\b(?:stop(?:s|ped|ping)?|terminat\w+|early[- ]stopping|patience|until convergence|converge[sd]?"
    r"|no improvement|not improved?|does(?: not|n[' ]t) improve|did not improve|unchanged|restart(?:s"
    r"|ed)?|tolerance|halt\w*|plateau\w*)\b",
    _I,
)
#: Anywhere in a sentence: it speaks of cheaper runs.
FIDELITY = re.compile(
    r"\b(?:fidelit(?:y|ies)|low-fidelity|multi-?fidelity|subsets? of the (?:training )?data"
    r"|fraction of the (?:training )?data|subsampl\w+ the data|training (?:set )?(?:size|fraction)"
    r"|smallest budget|largest budget|rungs?|resource is|resources? (?:are|is)|n_samples)\b",
    _I,
)
