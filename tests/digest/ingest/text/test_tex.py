from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.text.tex import read_tex


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        # What is set in another face is still said.
        (r"the \texttt{[CLS]} token of $\texttt{CLIP}$", "the [CLS] token of CLIP"),
        (r"\mbox{PSNR $=15.2$} and \textsf{a} $\mathbf{x}$", "PSNR =15.2 and a x"),
        (r"\textbf{16$\times$} and {3.2$\times$ speedup}", "16× and 3.2× speedup"),
        (r"$\mathtt{\Sigma\mbox{-}agent}$", "Σ-agent"),
        (r"{\it mean } and {\bf x}y, \em z", "mean  and xy, z"),
        (r"in $\\mathrm{SE}(3)$ \\ and more", "in SE(3)   and more"),
        (r"R$^{\rm 3}$ and Allo{SR}$^2$", "R³ and AlloSR²"),
        (r"\textbf{P} (\textbf{Phase \textbf{S}elf)", "P (Phase Self)"),
        # Scripts keep together what stands in their braces.
        (r"$\pi_{0.5}$ and $\pi_0$", "π_0.5 and π₀"),
        (r"$\sum_{j=1}^K \sigma(w_j \cdot x)$", "∑ⱼ₌₁^K σ(wⱼ · x)"),
        (r"$V_{p,q}$, $k^{k+1}$, $z^{sa}$, $B_{opt}N$", "V_(p,q), k^(k+1), z^sa, B_(opt)N"),
        (r"$AP_{[50:95]}$ $M_{\text{peak}}$ $x'_i$", "AP_[50:95] M_peak x'ᵢ"),
        (r"$t^\star$, $f^\prime$, 0.35$^\circ$, $t_{i + 1}$", "t⋆, f′, 0.35°, tᵢ₊₁"),
        (r"$^{18}$F and m$^2$ and $e^{-x^2}$", "¹⁸F and m² and e^(-x²)"),
        (r"the $n^{th}$, $2^{\mathrm{nd}}$ and k^{\rm th}", "the nth, 2nd and kth"),
        ("C^*-algebras, $x^{*}_{k}$, $K^{*0}$, f(x^*)", "C*-algebras, x*ₖ, K*⁰, f(x*)"),
        # Scripts without dollars, where they can be nothing else.
        ("10^{-3} of 10^6, CO_{2} and Ca^2+, n^{th}", "10⁻³ of 10⁶, CO₂ and Ca²⁺, nth"),
        ("L^p, a_i, ^_^, B^0_s, snake_case", "L^p, a_i, ^_^, B^0_s, snake_case"),
        # Fractions and roots.
        (r"$\frac{a+b}{c}$, $\frac18$-scale, $\frac12k$", "(a+b)/c, 1/8-scale, (1/2)k"),
        (r"is \[\frac{\sqrt{n}}{\varepsilon_2^2}.\] So \[12\] is", r"is √n/ε₂². So \[12\] is"),
        (r"$\sqrt{d}$, $\sqrt[3]{n+1}$, $\binom{n}{k}$", "√d, ³√(n+1), (n choose k)"),
        # Names of operators stand apart from words.
        (r"$O(n\log n)$, $O(\log n)$, $d\log{K}$, $L\log_2 L$",
         "O(n log n), O(log n), d log K, L log₂ L"),
        (r"$\max_i x$, $\operatorname{KL}(p\|q)$", "maxᵢ x, KL(p‖q)"),
        # Accents and letters.
        (r"Poincar\'e, G\"odel, \v{S}ime, na\"{\i}ve, \O rsted, \L{}",
         "Poincaré, Gödel, Šime, naïve, Ørsted, Ł"),
        (r"$\hat{\pi}_\theta$, $\vec v$, $\bar{x}$", "π̂_θ, v⃗, x̄"),
        (r"$\mathbb{R}^{n}$, $\mathcal{L}_1$, $\mathcal{N}(0,1)$, $\mathfrak{g}$",
         "ℝⁿ, ℒ₁, 𝒩(0,1), 𝔤"),
        (r"$a \not= b \not\in C$ and $\left(x\right.$", "a ≠ b ∉ C and (x"),
        (r"$\mathds{1}$, $\mathfrak{7}$, $\mathbb{é}$, $\big.x$, $\hat$ \%", "𝟙, 7, é, x, \\hat %"),
        (r"$\mathcal{E\mkern-2mu L}$, $\mathcal{A\ours B}$, $\kern x$",
         "ℰℒ, 𝒜\\ours ℬ, \\kern x"),
        # Space, dashes and quotes.
        (r"1.4\,mm, vs.\ 2, F$_1[40\!:\!95]$, Band~14 \& more",
         "1.4 mm, vs. 2, F₁[40:95], Band 14 & more"),
        (r"``a'' -- b---c, 5$\times$", "“a” – b—c, 5×"),
        (r"\enquote{set}, \eg this\footnote{See there.}", "“set”, e.g. this (See there.)"),
        (r"at \url x and \href{a}{b}", "at x and b"),
        # What only the whole paper has.
        (r"BPTT \cite{a,b} in Fig.~\ref{x} \citep[p.~1]{c}.", "BPTT in Fig.."),
        (r"\href{https://x.org/a_b}{our page} \url{https://x.org/a\_b%20~c}",
         "our page https://x.org/a_b%20~c"),
        (r"\color{red}hot\vspace{2mm} \overset{!}{=}", "hot ="),
        # An author's own macros stay, with what stands in them.
        (r"\ours{} beats \name{the \emph{old}} one, \%", r"\ours beats \name{the old} one, %"),
        (r"\c, \v 5, \alpha", r"\c, \v 5, α"),
        (r"a lone $ and } and {, \%", "a lone $ and } and {, %"),
        ("\\% \\", "% \\"),
    ],
)  # fmt: skip
def test_tex_is_read_as_the_typeset_page_would_say_it(typed: str, shown: str) -> None:
    assert read_tex(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        r"\frac{a}", r"\ours and \theirs", "5$ or 6$ a day", r"\phantom{everything}", "a ~ b {c} d",
        "\\hat" * 500 + "x", r"\emph{" * 50 + "x" + "}" * 50,
    ],
)  # fmt: skip
def test_what_cannot_be_read_stays_as_it_was_typed(typed: str) -> None:
    assert read_tex(typed) == typed


@given(st.text(alphabet="ab \\{}$^_~-`'[]%.frac\ue000\ue001\ue002", max_size=60))
def test_no_letters_are_lost_and_no_sign_of_ours_is_left(text: str) -> None:
    read = unicodedata.normalize("NFKC", read_tex(text))  # ₐ counts as a
    assert not set("\ue000\ue001\ue002") & set(read) or read == text
    if "\\" not in text:
        assert sorted(filter(str.isalpha, read)) == sorted(filter(str.isalpha, text))
